// Fiber stacks of our own, kept per thread.
//
// A stack is a block of `fiber_stack_size` bytes aligned to that size, so that any address on it tells where it ends:
// the check before each entry into a guest needs no bookkeeping, whichever fiber it runs on. Stacks need no zeroing: a
// guest cannot read its native stack. None leaves its thread while a fiber is on it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "util/error.h"
#include "wasm/page_reset.h"

namespace weft::wasm {

// Bytes of a fiber's stack, guard page included: address space, only touched pages count. Nested entries (component to
// component calls, destructors, `realloc`) each need `max_wasm_stack` left, see Store::call.
inline constexpr std::size_t fiber_stack_size = 4 << 20;
static_assert((fiber_stack_size & (fiber_stack_size - 1)) == 0);

// Stacks that one thread keeps for reuse.
inline constexpr std::size_t max_idle_stacks_per_thread = 256;

// The lowest byte of a block is the start of its guard page.
struct FiberStack {
  std::byte* low;
};

Result<FiberStack> acquire_stack();
// Keeps the stack on this thread, or unmaps it.
void release_stack(FiberStack stack);

// Bytes between `here`, an address on a fiber's stack, and that stack's guard page.
inline std::size_t stack_left(const void* here) {
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(here) & (fiber_stack_size - 1);
  return offset > page_size ? offset - page_size : 0;
}

}  // namespace weft::wasm
