// From values of WIT types to JSON text; README.md has the mapping.
#pragma once

#include <string>

#include "abi/type.h"
#include "abi/value.h"
#include "util/error.h"

namespace weft::call {

// How a list<u8> is written.
enum class Bytes : std::uint8_t {
  array,   // [104, 105]
  base64,  // {"base64": "aGk="}
};

// The text, on one line; from_json() of it gives the same value. Errc::limit: it would have more than `max_bytes`.
// REQUIRES: is_json(type), and the value is of it.
Result<std::string> to_json(const abi::Value& value, abi::TypeRef type, Bytes bytes = Bytes::array,
                            std::size_t max_bytes = std::size_t{64} << 20);

}  // namespace weft::call
