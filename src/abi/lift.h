// Lifts dynamic values out of a guest (CanonicalABI.md "Loading", "Flat Lifting", "Lifting and Lowering Values").
//
// All functions trap on a guest's fault and charge the context for host memory. Types have passed TypeTable::check.
#pragma once

#include "abi/context.h"
#include "abi/source.h"
#include "abi/value.h"

namespace weft::abi {

// Checks that `ptr` is aligned and inside the memory.
Value load(LiftContext& cx, std::uint32_t ptr, TypeRef type);

// Uses `type->flat.count()` of `values`.
Value lift_flat(LiftContext& cx, CoreValueIter& values, TypeRef type);

// A function's parameters (as the record FuncType::params) or its result: flat, or in memory at the one pointer in
// `values` if there are more than `max_flat` core values.
Value lift_flat_values(LiftContext& cx, std::uint32_t max_flat, CoreValueIter& values, TypeRef type);

}  // namespace weft::abi
