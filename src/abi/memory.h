// A linear memory as the canonical ABI sees it, and a guest's `realloc`.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::abi {

// The host owns linear memories and they never move; `size` changes when the guest grows its memory, which any call
// into the guest may do. Read both again after every such call.
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

}  // namespace weft::abi
