// Core signatures of canonical definitions (CanonicalABI.md "Flattening").
#pragma once

#include "component/types.h"

namespace weft::component {

inline constexpr size_t kMaxFlatParams = 16;
inline constexpr size_t kMaxFlatAsyncParams = 4;
inline constexpr size_t kMaxFlatResults = 1;

enum class CanonContext { lift, lower };

// What flatten_functype depends on.
struct FlattenOptions {
  bool async = false;
  bool callback = false;
};

// flatten_functype for 32-bit memories.
CoreFuncType flatten_functype(const FuncType& type, FlattenOptions options, CanonContext context);

}  // namespace weft::component
