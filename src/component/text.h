// Building of error messages: cat("expected ", 1, " fields, found ", n).
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace weft::component {

inline void append_piece(std::string& out, std::string_view piece) {
  out += piece;
}
inline void append_piece(std::string& out, std::integral auto number) {
  out += std::to_string(number);
}

template <class... Pieces>
std::string cat(const Pieces&... pieces) {
  std::string out;
  (append_piece(out, pieces), ...);
  return out;
}

// "0x1f"
inline std::string hex(unsigned long long value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value & 0xf]);
    value >>= 4;
  } while (value != 0);
  return "0x" + digits;
}

}  // namespace weft::component
