// Separates the code of a core module from its data.
//
// Each active data segment at a constant offset inside a memory that the module defines is replaced by an empty
// passive one (indices stay; an active segment counts as dropped after instantiation, and an empty one behaves the
// same), and its bytes go into the memory's image. Custom sections that no compiled code depends on are left out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "util/error.h"
#include "wasm/memory_image.h"

namespace weft::wasm {

struct SeparatedModule {
  std::vector<std::byte> code;  // a valid core module: what is compiled, and what the code cache's key is made of
  MemoryImages images;          // for the defined memories, in order
};

// REQUIRES nothing of `wasm`: what is not understood stays as it is, for the engine to judge.
Result<SeparatedModule> separate(std::span<const std::byte> wasm);

}  // namespace weft::wasm
