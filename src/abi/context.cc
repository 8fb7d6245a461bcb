#include "abi/context.h"

namespace weft::abi {

const RangeWording kHostWording{
    .string = {"string pointer is not aligned", "string pointer/length out of bounds of memory"},
    .list = {"list pointer is not aligned", "list pointer/length out of bounds of memory"},
    .values = {"pointer not aligned", "pointer out of bounds of memory"},
    .string_realloc = {"realloc return: result not aligned", "realloc return: beyond end of memory"},
    .list_realloc = {"realloc return: result not aligned", "realloc return: beyond end of memory"},
    .values_realloc = {"realloc return: result not aligned", "realloc return: beyond end of memory"},
};

const RangeWording kComponentWording{
    .string = {"unaligned pointer", "string content out-of-bounds"},
    .list = {"unaligned pointer", "list content out-of-bounds"},
    .values = {"unaligned pointer", "out of bounds memory access"},
    .string_realloc = {"unaligned pointer", "string content out-of-bounds"},
    .list_realloc = {"unaligned pointer", "list content out-of-bounds"},
    .values_realloc = {"unaligned pointer", "out of bounds memory access"},
};

void LiftContext::over_budget() {
  throw Trap("a call passes more data than its limit");
}

Allocation LowerContext::reallocate(std::uint32_t old_ptr, std::uint32_t old_size, std::uint32_t alignment,
                                    std::uint32_t new_size, const RangeMessages& messages) {
  if (!realloc || memory == nullptr) throw Trap("a value needs memory but the function has no realloc");
  // A trap leaves the instance poisoned: nothing is restored.
  if (inst != nullptr) inst->may_leave = false;
  const std::uint32_t ptr = realloc.call(realloc.env, old_ptr, old_size, alignment, new_size);
  if (inst != nullptr) inst->may_leave = true;
  if (new_size > old_size) allocated += new_size - old_size;
  return {ptr, checked_range(*memory, ptr, new_size, 1, alignment, messages)};
}

}  // namespace weft::abi
