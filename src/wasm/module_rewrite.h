// Separates the code of a core module from its data.
//
// Each active data segment at a constant offset inside a memory that the module defines is replaced by an empty
// passive one (indices stay; an active segment counts as dropped after instantiation, and an empty one behaves the
// same), and its bytes go into the memory's image. Custom sections that no compiled code depends on are left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "util/error.h"
#include "wasm/memory_image.h"

namespace weft::wasm {

// Refers to the module it was made from, which must outlive it. Movable.
struct SeparatedModule {
  // The code: a valid core module once joined. It is what is compiled, and what the code cache's key is made of.
  std::vector<std::span<const std::byte>> pieces;
  // What was taken out.
  MemoryData data;
  // Owns the pieces that are not parts of the original.
  std::vector<std::vector<std::byte>> rewritten;
  // Parts of the code, in order: what globals begin as, where that is a constant integer, and before them the size of
  // their section. No import, export or type depends on them. Who lays out the memory of a program anew writes other
  // ones.
  std::vector<std::span<const std::byte>> constants;

  std::size_t code_size() const;
  std::vector<std::byte> code() const;
  struct Shape {
    std::vector<std::span<const std::byte>> pieces;
    std::vector<std::uint64_t> places;  // offsets, in what the pieces make joined, at which a constant is left out
  };
  // The code without `constants`.
  Shape shape() const;
  Result<MemoryImages> images() const { return images_of(data); }
};

// REQUIRES nothing of `wasm`: what is not understood stays as it is, for the engine to judge.
SeparatedModule separate(std::span<const std::byte> wasm);

}  // namespace weft::wasm
