// Where a value is lifted from: linear memory or flattened core values, with the same members.
//
// Lifting and transfer are written once as templates over a source. Sources are small values; copies of a FlatSource
// share one position. Ranges and counts have been checked before a source is made.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "abi/core_value.h"
#include "abi/memory.h"
#include "abi/scalars.h"
#include "abi/strings.h"

namespace weft::abi {

// CoreValueIter of the specification: the core values not yet used.
struct CoreValueIter {
  const CoreValue* next = nullptr;
  const CoreValue* end = nullptr;

  CoreValueIter() = default;
  explicit CoreValueIter(std::span<const CoreValue> values) : next(values.data()), end(next + values.size()) {}

  std::size_t remaining() const { return static_cast<std::size_t>(end - next); }
};

// A value at `ptr`, inside the memory and aligned.
struct MemorySource {
  const LinearMemory* memory;
  std::uint32_t ptr;

  // A number, bool or char.
  template <class T>
  T read() const {
    if constexpr (std::same_as<T, bool>) {
      return read_as<std::uint8_t>(at()) != 0;
    } else if constexpr (std::same_as<T, char32_t>) {
      return checked_char(read_as<std::uint32_t>(at()));
    } else {
      return canonical(read_as<T>(at()));
    }
  }
  // A discriminant or flags of `size` bytes.
  std::uint32_t read_index(std::uint32_t size) const {
    switch (size) {
      case 1:
        return read_as<std::uint8_t>(at());
      case 2:
        return read_as<std::uint16_t>(at());
      default:
        return read_as<std::uint32_t>(at());
    }
  }
  PointerPair read_pair() const { return {read_as<std::uint32_t>(at()), read_as<std::uint32_t>(at() + 4)}; }

  MemorySource field(std::uint32_t offset) const { return {memory, ptr + offset}; }
  // Brackets the payload of a variant.
  std::nullptr_t begin_variant() const { return nullptr; }
  void end_variant(std::nullptr_t, const Type&) const {}

  const std::byte* at() const { return memory->base + ptr; }
};

// The next core values of `values`, which holds enough of them. A case of a variant finds its payload as bits of the
// joined core types, so reading a narrower type needs no conversion.
struct FlatSource {
  CoreValueIter* values;

  template <class T>
  T read() const {
    const CoreValue& value = *values->next++;
    if constexpr (std::same_as<T, bool>) {
      return value.i32() != 0;
    } else if constexpr (std::same_as<T, char32_t>) {
      return checked_char(value.i32());
    } else if constexpr (std::same_as<T, float>) {
      return canonical(value.f32());
    } else if constexpr (std::same_as<T, double>) {
      return canonical(value.f64());
    } else {
      return static_cast<T>(value.i64());
    }
  }
  std::uint32_t read_index(std::uint32_t) const { return values->next++->i32(); }
  PointerPair read_pair() const {
    const std::uint32_t ptr = values->next++->i32();
    return {ptr, values->next++->i32()};
  }

  FlatSource field(std::uint32_t) const { return *this; }
  const CoreValue* begin_variant() const { return values->next; }
  // Skips what other cases need more.
  void end_variant(const CoreValue* begin, const Type& variant) const { values->next = begin + variant.flat.count(); }
};

}  // namespace weft::abi
