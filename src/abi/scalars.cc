#include "abi/scalars.h"

#include <cstring>

#include "abi/memory.h"

namespace weft::abi {
namespace {

template <class Bits>
void normalize(std::byte* at, std::uint64_t count, const auto& one) {
  for (std::uint64_t i = 0; i < count; ++i) {
    write_as<Bits>(at + i * sizeof(Bits), one(read_as<Bits>(at + i * sizeof(Bits))));
  }
}

void check_chars(const std::byte* from, std::uint64_t count) {
  bool valid = true;
  for (std::uint64_t i = 0; i < count; ++i) valid &= is_char(read_as<std::uint32_t>(from + i * 4));
  if (!valid) throw Trap("invalid `char` bit pattern");
}

}  // namespace

void copy_block(const Type& element, const std::byte* from, std::byte* to, std::uint64_t count) {
  if (count == 0) return;
  if (element.kind == Kind::character) check_chars(from, count);
  std::memmove(to, from, count * element.elem_size());
  switch (element.kind) {
    case Kind::boolean:
      return normalize<std::uint8_t>(to, count, [](std::uint8_t byte) { return std::uint8_t{byte != 0}; });
    case Kind::f32:
      return normalize<std::uint32_t>(to, count, canonicalize_nan32);
    case Kind::f64:
      return normalize<std::uint64_t>(to, count, canonicalize_nan64);
    default:
      return;
  }
}

}  // namespace weft::abi
