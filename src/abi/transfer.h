// Passes values from one component to another: lifts and lowers in one walk, without a value in between
// (CanonicalABI.md "canon lift", "canon lower").
//
// What both guests can observe is what lifting everything and then lowering it does: the calls of realloc and their
// order, handle indices, memory contents; except that a value that traps while lifted may have seen reallocs before.
#pragma once

#include <span>

#include "abi/context.h"
#include "abi/source.h"

namespace weft::abi {

// The contexts of a call between components: messages and budget of `from` and `to` set accordingly.
void prepare_transfer(LiftContext& from, LowerContext& to);

// A function's parameters (as the record FuncType::params) or its result. Each side passes them flat, or in memory if
// there are more core values than its maximum; see lift_flat_values and lower_flat_values. The two types are equal
// except for their resources. Returns the number of core values written to `out`.
std::uint32_t transfer_flat_values(LiftContext& from, std::uint32_t from_max_flat, CoreValueIter& values,
                                   TypeRef from_type, LowerContext& to, std::uint32_t to_max_flat,
                                   std::span<CoreValue> out, TypeRef to_type, CoreValueIter* out_param = nullptr);

// Elements of a list or of a stream's buffer, from `from_ptr` to `to_ptr`. Both ranges have been checked
// (load_list_from_valid_range, store_list_into_valid_range).
void transfer_elements(LiftContext& from, std::uint32_t from_ptr, const Type& from_element, LowerContext& to,
                       std::uint32_t to_ptr, const Type& to_element, std::uint32_t count);

}  // namespace weft::abi
