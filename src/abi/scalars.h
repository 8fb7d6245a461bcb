// Scalar values as guests pass them: what is checked and what is normalised (CanonicalABI.md "Loading", "Storing").
//
// NaNs: the specification lets a NaN's bits be anything after lifting and again after lowering, except in its
// deterministic profile, where both give the canonical NaN. weft does the latter always: no NaN payload crosses a
// component boundary, and recordings replay exactly.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "abi/trap.h"
#include "abi/type.h"

namespace weft::abi {

inline constexpr std::uint32_t kCanonicalFloat32Nan = 0x7FC0'0000;
inline constexpr std::uint64_t kCanonicalFloat64Nan = 0x7FF8'0000'0000'0000;

inline std::uint32_t canonicalize_nan32(std::uint32_t bits) {
  return (bits & 0x7FFF'FFFF) > 0x7F80'0000 ? kCanonicalFloat32Nan : bits;
}
inline std::uint64_t canonicalize_nan64(std::uint64_t bits) {
  return (bits & 0x7FFF'FFFF'FFFF'FFFF) > 0x7FF0'0000'0000'0000 ? kCanonicalFloat64Nan : bits;
}

// Identity for all types but floats.
template <class T>
T canonical(T value) {
  return value;
}
inline float canonical(float value) {
  return std::bit_cast<float>(canonicalize_nan32(std::bit_cast<std::uint32_t>(value)));
}
inline double canonical(double value) {
  return std::bit_cast<double>(canonicalize_nan64(std::bit_cast<std::uint64_t>(value)));
}

constexpr bool is_char(std::uint32_t code_point) {
  return code_point < 0x11'0000 && (code_point < 0xD800 || code_point > 0xDFFF);
}
// convert_i32_to_char
inline char32_t checked_char(std::uint32_t code_point) {
  if (!is_char(code_point)) throw Trap("invalid `char` bit pattern");
  return code_point;
}

// The bits of flags that have a label.
inline std::uint32_t flags_mask(const Type& flags) {
  return flags.labels.size() >= 32 ? UINT32_MAX : (std::uint32_t{1} << flags.labels.size()) - 1;
}

inline std::uint32_t checked_case(const Type& variant, std::uint32_t discriminant) {
  if (discriminant >= variant.cases.size()) throw Trap("invalid variant discriminant");
  return discriminant;
}

// Calls `use` with a value-initialised object of the C++ type of a number (s8 ... f64), of bool or of char.
auto with_scalar(Kind kind, const auto& use) {
  switch (kind) {
    case Kind::boolean:
      return use(bool{});
    case Kind::s8:
      return use(std::int8_t{});
    case Kind::u8:
      return use(std::uint8_t{});
    case Kind::s16:
      return use(std::int16_t{});
    case Kind::u16:
      return use(std::uint16_t{});
    case Kind::s32:
      return use(std::int32_t{});
    case Kind::u32:
      return use(std::uint32_t{});
    case Kind::s64:
      return use(std::int64_t{});
    case Kind::u64:
      return use(std::uint64_t{});
    case Kind::f32:
      return use(float{});
    case Kind::f64:
      return use(double{});
    default:
      return use(char32_t{});
  }
}

// Elements that are copied in one go: scalars, and types of which every byte is an integer's.
inline bool is_block(const Type& element) {
  return element.is_bulk || is_scalar(element.kind);
}

// Copies `count` elements of a type that `is_block` as lifting and lowering them would: booleans and NaNs are
// normalised, chars checked first. The ranges may overlap.
void copy_block(const Type& element, const std::byte* from, std::byte* to, std::uint64_t count);

}  // namespace weft::abi
