// What the linear memories of one store take together.
#pragma once

#include <algorithm>
#include <cstdint>

#include "wasm/memory_guard.h"

namespace weft::wasm {

class MemorySlot;

// Bytes. One thread: the store's.
struct MemoryUse {
  std::uint64_t limit = UINT64_MAX;
  std::uint64_t current = 0;
  std::uint64_t peak = 0;
  std::uint64_t refused = 0;           // times that more was wanted than the limit leaves, or while memory was tight
  const MemoryGuard* guard = nullptr;  // of all stores; may be null
  MemorySlot* slots = nullptr;         // those that are counted here, linked by the pool

  bool fits(std::uint64_t bytes) const { return bytes <= limit && current <= limit - bytes; }
  // False, and nothing taken, beyond the limit or while memory is tight.
  bool take(std::uint64_t bytes) {
    if (!fits(bytes) || (guard != nullptr && guard->tight())) {
      ++refused;
      return false;
    }
    add(bytes);
    return true;
  }
  void add(std::uint64_t bytes) {
    current += bytes;
    peak = std::max(peak, current);
  }
};

}  // namespace weft::wasm
