// Sizes and flattening of value types as validation needs them (CanonicalABI.md "Element Size", "Flattening").
#pragma once

#include "component/types.h"

namespace weft::component {

// Upper bound of elem_size with 64-bit pointers for every defined type (Binary.md, "Type Definitions").
inline constexpr uint64_t kMaxValueSize = uint64_t{1} << 28;

// Fills the facts of `type` below `shape` from those of its children.
void compute_layout(ValueType& type);

// Flattened parameters or results of a function.
FlatTypes flatten(const std::vector<Field>& fields);

}  // namespace weft::component
