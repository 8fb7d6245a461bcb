// JSON text → Value tree. The only place here that knows the JSON library.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "manifest/document.h"
#include "manifest/value.h"

namespace weft::manifest {

// Objects and arrays within each other: as many as a manifest may have, and those that the locked form adds.
inline constexpr std::size_t max_json_nesting = 40;
// Values in one document.
inline constexpr std::size_t max_json_values = 1'000'000;

// A member of an object that is null is left out: it is how its writers say that there is none. Fails on what is no
// JSON, on a name that an object has twice, on null in an array, and beyond the limits above.
std::expected<Value, SyntaxError> parse_json(std::string_view text);

// The path of the value, or of the member, at this place of a tree, as in "components[0].source"; empty: of none.
std::string path_at(const Value& root, Location at);

}  // namespace weft::manifest
