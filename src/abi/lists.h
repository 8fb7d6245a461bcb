// Ranges of lists and of values passed in memory: the checks that lift, lower and transfer share. Types have passed
// TypeTable::check, so their sizes are below kMaxValueSize.
#pragma once

#include <cstdint>

#include "abi/context.h"
#include "abi/strings.h"
#include "abi/type.h"

namespace weft::abi {

// Bytes of one list's elements (CanonicalABI.md, MAX_LIST_BYTE_LENGTH).
inline constexpr std::uint32_t kMaxListByteLength = (std::uint32_t{1} << 28) - 1;

// The elements of a list, checked (load_list_from_range). Valid until the next call into the guest.
inline const std::byte* check_list(const LiftContext& cx, PointerPair list, const Type& element) {
  if (cx.memory == nullptr) throw Trap("a list needs memory but the function has none");
  if (std::uint64_t{list.length} * element.elem_size() > kMaxListByteLength) throw Trap(cx.wording->list.out_of_bounds);
  return checked_range(*cx.memory, list.ptr, list.length, element.elem_size(), element.alignment(), cx.wording->list);
}

// Obtains memory for the elements of a list (store_list_into_range).
inline PointerPair allocate_list(LowerContext& cx, std::uint64_t length, const Type& element) {
  if (length > UINT32_MAX || length * element.elem_size() > UINT32_MAX) throw Trap("list is too long");
  const auto bytes = static_cast<std::uint32_t>(length * element.elem_size());
  return {cx.allocate(element.alignment(), bytes, cx.wording->list_realloc).ptr, static_cast<std::uint32_t>(length)};
}

// Checks a value passed in memory (lift_flat_values).
inline void check_values(const LiftContext& cx, std::uint32_t ptr, const Type& type) {
  if (cx.memory == nullptr) throw Trap("values need memory but the function has none");
  checked_range(*cx.memory, ptr, 1, type.elem_size(), type.alignment(), cx.wording->values);
}
inline void check_values(const LowerContext& cx, std::uint32_t ptr, const Type& type) {
  if (cx.memory == nullptr) throw Trap("values need memory but the function has none");
  checked_range(*cx.memory, ptr, 1, type.elem_size(), type.alignment(), cx.wording->values);
}

}  // namespace weft::abi
