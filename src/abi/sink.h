// Where a value is lowered to: linear memory or flattened core values, with the same members. The counterpart of
// source.h.
#pragma once

#include <concepts>
#include <cstdint>

#include "abi/core_value.h"
#include "abi/memory.h"
#include "abi/scalars.h"
#include "abi/strings.h"

namespace weft::abi {

// Room for a value at `ptr`, inside the memory and aligned. Padding is not written.
struct MemorySink {
  const LinearMemory* memory;
  std::uint32_t ptr;

  // A number, bool or char.
  template <class T>
  void write(T value) const {
    if constexpr (std::same_as<T, bool>) {
      write_as(at(), static_cast<std::uint8_t>(value ? 1 : 0));
    } else {
      write_as(at(), canonical(value));
    }
  }
  // A discriminant or flags of `size` bytes.
  void write_index(std::uint32_t value, std::uint32_t size) const {
    switch (size) {
      case 1:
        return write_as(at(), static_cast<std::uint8_t>(value));
      case 2:
        return write_as(at(), static_cast<std::uint16_t>(value));
      default:
        return write_as(at(), value);
    }
  }
  void write_pair(PointerPair pair) const {
    write_as(at(), pair.ptr);
    write_as(at() + 4, pair.length);
  }

  MemorySink field(std::uint32_t offset) const { return {memory, ptr + offset}; }
  std::nullptr_t begin_variant() const { return nullptr; }
  void end_variant(std::nullptr_t, const Type&) const {}

  std::byte* at() const { return memory->base + ptr; }
};

// Writes core values from `*next` on, where there is room for all of them. Copies share the position. A narrower type
// in a wider joined one is zero-extended, as every CoreValue is.
struct FlatSink {
  CoreValue** next;

  template <class T>
  void write(T value) const {
    CoreValue& out = *(*next)++;
    if constexpr (std::same_as<T, float>) {
      out.set_f32(canonical(value));
    } else if constexpr (std::same_as<T, double>) {
      out.set_f64(canonical(value));
    } else if constexpr (sizeof(T) == 8) {
      out.set_i64(static_cast<std::uint64_t>(value));
    } else {
      out.set_i32(static_cast<std::uint32_t>(value));
    }
  }
  void write_index(std::uint32_t value, std::uint32_t) const { write(value); }
  void write_pair(PointerPair pair) const {
    write(pair.ptr);
    write(pair.length);
  }

  FlatSink field(std::uint32_t) const { return *this; }
  CoreValue* begin_variant() const { return *next; }
  // Fills what other cases need more with zeros.
  void end_variant(CoreValue* begin, const Type& variant) const {
    while (*next < begin + variant.flat.count()) write(std::uint64_t{0});
  }
};

}  // namespace weft::abi
