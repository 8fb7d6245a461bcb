// Core values in and out: the checks before a FlatSource or FlatSink, and values that do not fit (CanonicalABI.md
// "Lifting and Lowering Values").
#pragma once

#include <cstdint>
#include <span>

#include "abi/lists.h"
#include "abi/source.h"

namespace weft::abi {

// The engine's arrays follow from the signature; a difference is a fault in linking.
inline void check_room(std::size_t available, std::size_t needed) {
  if (available < needed) throw Trap("a call has too few core values for its type");
}
inline void check_remaining(const CoreValueIter& values, std::size_t needed) {
  check_room(values.remaining(), needed);
}

struct LoweredPlace {
  std::uint32_t ptr;
  std::uint32_t core_values;  // written to `out`
};

// Where lower_flat_values puts a value that is too long to be flat.
inline LoweredPlace place_for_values(LowerContext& cx, const Type& type, std::span<CoreValue> out,
                                     CoreValueIter* out_param) {
  if (out_param != nullptr) {
    check_remaining(*out_param, 1);
    const std::uint32_t ptr = out_param->next++->i32();
    check_values(cx, ptr, type);
    return {ptr, 0};
  }
  check_room(out.size(), 1);
  const auto size = static_cast<std::uint32_t>(type.elem_size());
  const std::uint32_t ptr = cx.allocate(type.alignment(), size, cx.wording->values_realloc).ptr;
  out[0].set_i32(ptr);
  return {ptr, 1};
}

}  // namespace weft::abi
