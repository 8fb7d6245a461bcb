// Fiber stacks of our own, kept per thread.
//
// Stacks need no zeroing: a guest cannot read its native stack. None leaves its thread while a fiber is on it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "util/error.h"

namespace weft::wasm {

// Stacks that one thread keeps for reuse.
inline constexpr std::size_t max_idle_stacks_per_thread = 256;

struct FiberStack {
  std::byte* low;      // the guard page; usable bytes start one page above
  std::size_t length;  // bytes, guard page included
};

Result<FiberStack*> acquire_stack(std::size_t usable_bytes);
// Keeps the stack on this thread, or unmaps it.
void release_stack(FiberStack* stack);

}  // namespace weft::wasm
