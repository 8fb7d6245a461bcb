// Strings in a guest's memory (CanonicalABI.md "Loading" and "Storing", load_string and store_string).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "abi/context.h"
#include "abi/unicode.h"

namespace weft::abi {

// Bytes of one string, in any encoding.
inline constexpr std::uint32_t kMaxStringByteLength = (std::uint32_t{1} << 28) - 1;
// In a latin1+utf16 length: the string is UTF-16.
inline constexpr std::uint32_t kUtf16Tag = std::uint32_t{1} << 31;

// A string or list as guests pass it. A string's length is in code units, tagged for latin1+utf16.
struct PointerPair {
  std::uint32_t ptr = 0;
  std::uint32_t length = 0;
  friend bool operator==(PointerPair, PointerPair) = default;
};

// load_string_from_range: the string as UTF-8. Charges the context. Traps on bad ranges and encodings.
std::string load_string(LiftContext& cx, PointerPair string);

// store_string_into_range of valid UTF-8. Traps on what realloc returns; an invalid or too long `string` is a fault
// of the host function that made it and traps as well.
PointerPair store_string(LowerContext& cx, std::string_view string);

// load_string_from_range and store_string_into_range without a copy in between. Charges `from`.
PointerPair transfer_string(LiftContext& from, LowerContext& to, PointerPair string);

}  // namespace weft::abi
