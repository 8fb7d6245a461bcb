// JSON text, read within limits.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "util/error.h"

namespace weft::call {

// Arrays and objects inside each other. A type nests at most 100 deep, and no level of it takes more than two of these.
inline constexpr std::size_t max_json_depth = 256;
// Bytes of one text that is read or written.
inline constexpr std::size_t max_json_bytes = std::size_t{64} << 20;

// One value. Errc::invalid: it is no JSON, says a name twice in one object, or nests too deep; the message says where.
// Errc::limit: it is larger than `max_bytes`.
Result<nlohmann::json> read_json(std::string_view text, std::size_t max_bytes = max_json_bytes);

// For messages: "3", "\"abc…\"", "an object".
std::string shown(const nlohmann::json& value);

}  // namespace weft::call
