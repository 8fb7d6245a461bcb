// Text in the three encodings guests use: checking, measuring, converting.
//
// Every function is memory-safe for any input, also for bytes that change between two calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weft::abi {

// latin1: one byte per code point below U+0100.
enum class SimpleEncoding : std::uint8_t { utf8, utf16, latin1 };

// Text as it lies in memory, little-endian and possibly unaligned.
struct TextView {
  SimpleEncoding encoding = SimpleEncoding::utf8;
  const std::byte* data = nullptr;
  std::uint32_t code_units = 0;

  std::uint64_t byte_length() const { return std::uint64_t{code_units} * (encoding == SimpleEncoding::utf16 ? 2 : 1); }
};

struct TextSize {
  std::uint64_t utf8_bytes = 0;
  bool is_latin1 = true;  // no code point above U+00FF
};

// Traps if the text is not valid in its encoding.
TextSize measure(const TextView& text);

// Code units at the start that are ASCII.
std::uint32_t ascii_prefix(const TextView& text);

// Each writes the text from code unit `from` on, in another encoding, and returns the bytes written; traps if they
// would be more than `out` holds. `from` is at the start of a code point.
std::size_t write_utf8(const TextView& text, std::uint32_t from, std::span<std::byte> out);
std::size_t write_utf16(const TextView& text, std::uint32_t from, std::span<std::byte> out);

// Writes code points as long as they are below U+0100 and fit. Returns how many, and where the text goes on.
struct Latin1Prefix {
  std::uint32_t code_points = 0;
  std::uint32_t code_units = 0;
};
Latin1Prefix write_latin1(const TextView& text, std::span<std::byte> out);

// Writes one code point; returns the bytes.
std::size_t encode_utf8(char32_t code_point, std::span<std::byte, 4> out);

}  // namespace weft::abi
