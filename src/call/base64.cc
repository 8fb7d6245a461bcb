#include "call/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "util/utf8.h"

namespace weft::call {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 255;

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> all{};
  all.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i)
    all[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return all;
}();

}  // namespace

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t missing = at + 4 == text.size() ? padding : 0;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t value = i < 4 - missing ? values[static_cast<unsigned char>(text[at + i])] : 0;
      if (value == no_digit) return std::nullopt;
      bits = bits << 6 | value;
    }
    // One text for each sequence of bytes: what is left of the last digit is zero.
    if ((bits & ((std::uint32_t{1} << 8 * missing) - 1)) != 0) return std::nullopt;
    for (std::size_t i = 0; i < 3 - missing; ++i) bytes.push_back(static_cast<std::byte>(bits >> (16 - 8 * i)));
  }
  return bytes;
}

void append_base64(std::string& out, std::span<const std::byte> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
  }
}

std::optional<char32_t> one_char(std::string_view text) {
  if (text.empty() || text.size() > 4 || !is_utf8(text)) return std::nullopt;
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() != length) return std::nullopt;
  char32_t code = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
  return code;
}

}  // namespace weft::call
