// The constant expressions that globals begin as.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "wasm/core_syntax.h"

namespace weft::wasm {

// To behind the `end` of a constant expression; !ok where it holds an instruction that is not known here.
void skip_constant(CoreReader& reader);

// The immediates of those globals of a section whose expression is one i32.const or i64.const, in order; none if the
// section holds something unknown.
std::vector<std::span<const std::byte>> read_constants(std::span<const std::byte> global_section);

}  // namespace weft::wasm
