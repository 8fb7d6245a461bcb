// A linear memory as the canonical ABI sees it, and a guest's `realloc`.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "abi/trap.h"

namespace weft::abi {

static_assert(std::endian::native == std::endian::little, "guest values are read and written in place");

// The host owns linear memories. `size` never shrinks and changes when the guest grows its memory, which any call
// into the guest may do; read both again after every such call.
struct LinearMemory {
  std::byte* base = nullptr;
  std::uint64_t size = 0;  // bytes
};

// The `realloc` option of a canonical definition. The call enters the guest: it may throw Trap and grow the memory.
struct Realloc {
  std::uint32_t (*call)(void* env, std::uint32_t old_ptr, std::uint32_t old_size, std::uint32_t align,
                        std::uint32_t new_size) = nullptr;
  void* env = nullptr;
  explicit operator bool() const { return call != nullptr; }
};

// The messages of a failed check; they say which pointer was wrong.
struct RangeMessages {
  const char* unaligned;
  const char* out_of_bounds;
};

// The start of `count` elements of `size` bytes at `ptr`: aligned and inside the memory, else Trap. Valid until the
// next call into the guest. `alignment` is a power of two.
inline std::byte* checked_range(const LinearMemory& memory, std::uint32_t ptr, std::uint64_t count, std::uint64_t size,
                                std::uint32_t alignment, const RangeMessages& messages) {
  if ((ptr & (alignment - 1)) != 0) throw Trap(messages.unaligned);
  if (ptr > memory.size) throw Trap(messages.out_of_bounds);
  if (size != 0 && count > (memory.size - ptr) / size) throw Trap(messages.out_of_bounds);
  return memory.base + ptr;
}

// Little-endian access without alignment demands.
template <class T>
T read_as(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
void write_as(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

}  // namespace weft::abi
