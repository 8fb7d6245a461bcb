#include "wasm/stack_pool.h"

#include <sys/mman.h>

#include <cerrno>
#include <vector>

namespace weft::wasm {
namespace {

struct IdleStacks {
  std::vector<FiberStack> stacks;
  ~IdleStacks() {
    for (FiberStack stack : stacks) munmap(stack.low, fiber_stack_size);
  }
};
thread_local IdleStacks idle;

// Maps twice the size and gives back what lies outside the aligned block.
std::byte* map_aligned() {
  void* mapped =
      mmap(nullptr, 2 * fiber_stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* begin = static_cast<std::byte*>(mapped);
  const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(begin);
  const std::size_t before = (fiber_stack_size - address % fiber_stack_size) % fiber_stack_size;
  if (before != 0) munmap(begin, before);
  munmap(begin + before + fiber_stack_size, fiber_stack_size - before);
  return begin + before;
}

}  // namespace

Result<FiberStack> acquire_stack() {
  if (!idle.stacks.empty()) {
    const FiberStack stack = idle.stacks.back();
    idle.stacks.pop_back();
    return stack;
  }
  std::byte* low = map_aligned();
  if (low == nullptr) return std::unexpected(Error::from_errno("mapping a fiber stack", errno));
  madvise(low, fiber_stack_size, MADV_NOHUGEPAGE);
  madvise(low, fiber_stack_size, MADV_DONTDUMP);
  if (mprotect(low, page_size, PROT_NONE) != 0) {
    const int error = errno;
    munmap(low, fiber_stack_size);
    return std::unexpected(Error::from_errno("guarding a fiber stack", error));
  }
  return FiberStack{low};
}

void release_stack(FiberStack stack) {
  if (idle.stacks.size() < max_idle_stacks_per_thread) {
    idle.stacks.push_back(stack);
  } else {
    munmap(stack.low, fiber_stack_size);
  }
}

}  // namespace weft::wasm
