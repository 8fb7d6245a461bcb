// Lowers dynamic values into a guest (CanonicalABI.md "Storing", "Flat Lowering", "Lifting and Lowering Values").
//
// All functions trap on what the guest's realloc does wrong, and on a value that is not of the type: the fault of the
// host function that made it. Types have passed TypeTable::check.
#pragma once

#include <span>

#include "abi/context.h"
#include "abi/source.h"
#include "abi/value.h"

namespace weft::abi {

// Checks that `ptr` is aligned and inside the memory.
void store(LowerContext& cx, const Value& value, TypeRef type, std::uint32_t ptr);

// Writes `type->flat.count()` core values; `out` has room for them.
void lower_flat(LowerContext& cx, const Value& value, TypeRef type, std::span<CoreValue> out);

// A function's parameters (as the record FuncType::params) or its result: flat, or in memory if there are more than
// `max_flat` core values. The memory is where the next of `out_param` points, or comes from realloc if that is null;
// its pointer is then the one core value. Returns the number of core values written to `out`.
std::uint32_t lower_flat_values(LowerContext& cx, std::uint32_t max_flat, const Value& value, TypeRef type,
                                std::span<CoreValue> out, CoreValueIter* out_param = nullptr);

}  // namespace weft::abi
