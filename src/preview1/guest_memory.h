// Pointers of a core module into its memory, as parameters of host functions.
//
// A core function passes a pointer as an i32. Here it comes with the memory that it points into, and nothing is read or
// written before its range is known to be in bounds, and aligned as the interface asks: what is not is the guest's
// fault, and a trap, as the specification of witx has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "abi/memory.h"
#include "abi/trap.h"
#include "bind/abi.h"

namespace weft::preview1 {

class GuestPtr {
 public:
  // `memory` may be null: the module has none, and whatever the pointer says is out of bounds.
  GuestPtr(const abi::LinearMemory* memory, std::uint32_t at) : memory_(memory), at_(at) {}

  // The pointer `bytes` further on.
  GuestPtr operator+(std::uint64_t bytes) const {
    if (bytes > UINT32_MAX - at_) throw abi::Trap("a pointer beyond the guest's memory");
    return {memory_, static_cast<std::uint32_t>(at_ + bytes)};
  }

  // `count` bytes. Valid until the guest runs again, or grows its memory.
  std::span<std::byte> bytes(std::uint64_t count) const {
    return {range(count, 1, 1), static_cast<std::size_t>(count)};
  }
  // The whole range of `count` records of `size` bytes is in bounds and its start aligned.
  void check(std::uint64_t count, std::uint64_t size, std::uint32_t alignment) const { range(count, size, alignment); }

  template <class T>
  T read() const {
    return abi::read_as<T>(range(1, sizeof(T), alignof(T)));
  }
  template <class T>
  void write(T value) const {
    abi::write_as(range(1, sizeof(T), alignof(T)), value);
  }

  std::uint32_t address() const { return at_; }
  const abi::LinearMemory* memory() const { return memory_; }

 private:
  std::byte* range(std::uint64_t count, std::uint64_t size, std::uint32_t alignment) const {
    static constexpr abi::RangeMessages messages{"an unaligned pointer was passed to the host",
                                                 "a pointer beyond the guest's memory was passed to the host"};
    static constexpr abi::LinearMemory none{};
    return abi::checked_range(memory_ == nullptr ? none : *memory_, at_, count, size, alignment, messages);
  }

  const abi::LinearMemory* memory_;
  std::uint32_t at_;
};

}  // namespace weft::preview1

namespace weft::bind {

template <>
struct Abi<preview1::GuestPtr> {
  static std::string wit() { return "u32"; }
  static bool check(TypeRef type, const ResourceTypes&) { return type->kind == abi::Kind::u32; }
  static preview1::GuestPtr lift(Lift& lift, auto from, TypeRef) {
    return {lift.cx.memory, from.template read<std::uint32_t>()};
  }
};

}  // namespace weft::bind
