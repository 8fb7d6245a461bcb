// The text in which test vectors write types and values. The notation of types is that of to_string(TypeRef), and
// "enum#300" and "flags#9" for made-up labels.
//
// Values, by type: integers and flags decimal, floats as bits "x7fc00000", chars as code points, strings as hexadecimal
// UTF-8 in quotes, lists "[1,2]", records "(1,2)", variants "2" or "2(payload)", handles by representation.
#pragma once

#include <string>
#include <string_view>

#include "abi/type_table.h"
#include "abi/value.h"

namespace weft::abi::testing {

// For trusted text: a mistake in it is a failed test by std::runtime_error.
TypeRef parse_type(TypeTable& types, std::string_view text);
Value parse_value(TypeRef type, std::string_view text);

// "0a0b" as bytes.
std::string from_hex(std::string_view text);

}  // namespace weft::abi::testing
