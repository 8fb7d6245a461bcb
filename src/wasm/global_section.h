// The globals that a module defines, and what they begin as.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace weft::wasm {

struct DefinedGlobal {
  bool is_mutable = false;
  std::span<const std::byte> expression;  // a constant one, with its `end`
};

// All of a section of globals; nothing if it holds something that is not known here.
std::optional<std::vector<DefinedGlobal>> read_globals(std::span<const std::byte> section);

// The immediates of those whose expression is one i32.const or i64.const, in order; none if one is too long.
std::vector<std::span<const std::byte>> constants_of(std::span<const DefinedGlobal> globals);

}  // namespace weft::wasm
