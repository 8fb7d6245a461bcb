#include "wasm/stack_pool.h"

#include <sys/mman.h>

#include <cerrno>
#include <vector>

#include "wasm/page_reset.h"

namespace weft::wasm {
namespace {

void unmap(FiberStack* stack) {
  munmap(stack->low, stack->length);
  delete stack;
}

struct IdleStacks {
  std::vector<FiberStack*> stacks;
  ~IdleStacks() {
    for (FiberStack* stack : stacks) unmap(stack);
  }
};
thread_local IdleStacks idle;

}  // namespace

Result<FiberStack*> acquire_stack(std::size_t usable_bytes) {
  const std::size_t length = (usable_bytes + 2 * page_size - 1) / page_size * page_size;
  if (!idle.stacks.empty() && idle.stacks.back()->length >= length) {
    FiberStack* stack = idle.stacks.back();
    idle.stacks.pop_back();
    return stack;
  }
  void* low = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (low == MAP_FAILED) return std::unexpected(Error::from_errno("mapping a fiber stack", errno));
  madvise(low, length, MADV_NOHUGEPAGE);
  madvise(low, length, MADV_DONTDUMP);
  if (mprotect(low, page_size, PROT_NONE) != 0) {
    const int error = errno;
    munmap(low, length);
    return std::unexpected(Error::from_errno("guarding a fiber stack", error));
  }
  return new FiberStack{static_cast<std::byte*>(low), length};
}

void release_stack(FiberStack* stack) {
  if (idle.stacks.size() < max_idle_stacks_per_thread) {
    idle.stacks.push_back(stack);
  } else {
    unmap(stack);
  }
}

}  // namespace weft::wasm
