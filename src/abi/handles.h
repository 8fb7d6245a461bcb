// Handles of every kind as lifting, lowering and transfer meet them: the index in a table, by type.
#pragma once

#include <cstdint>

#include "abi/context.h"
#include "abi/value.h"

namespace weft::abi {

// Own and borrow; `type.kind` says which.
std::uint32_t lift_resource(LiftContext& cx, const Type& type, std::uint32_t index);
std::uint32_t lower_resource(LowerContext& cx, const Type& type, std::uint32_t rep);

// Stream, future and error-context.
void* lift_async_value(LiftContext& cx, const Type& type, std::uint32_t index);
std::uint32_t lower_async_value(LowerContext& cx, const Type& type, void* object);

}  // namespace weft::abi
