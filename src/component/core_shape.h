// Core modules whose code shows what they are for, so that a plan may do the same without them (bypass.h).
//
// Only what the code says counts: names are the author's, who may be hostile. A module that is recognised is valid: all
// of it has been read and means what is said here. Anything else is simply not recognised.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "component/core_types.h"

namespace weft::component {

// A module that defines a table of functions and, for elements of it, functions that pass their parameters on to the
// element and its results back:  local.get 0 … local.get n-1  i32.const slot  call_indirect (type of the function)
// It imports nothing, has no other state, and its table begins empty.
struct Shim {
  struct Func {
    std::uint32_t slot = 0;
    CoreFuncType type;  // of numbers only
  };
  std::map<std::string, Func, std::less<>> funcs;  // by the name of the export
  std::string table;                               // the name under which the table is exported, the only one
  std::uint32_t slots = 0;
};
std::optional<Shim> read_shim(std::span<const std::byte> module);

// A module that does nothing but to write functions it imports into the table it imports, from its first element on.
struct Fixup {
  struct Element {
    std::uint32_t import = 0;  // the place of the function among all imports
    CoreFuncType type;
  };
  std::vector<Element> elements;  // by slot
  std::uint32_t table = 0;        // the place of the table among all imports
};
std::optional<Fixup> read_fixup(std::span<const std::byte> module);

// A module that does nothing but to call the one function it imports when an instance is made.
bool is_start_call(std::span<const std::byte> module);

// Making an instance of it runs no code, writes nothing that it imports and cannot trap: it has no start function,
// segments, memories, tables or tags, and its globals begin as constants. When it is made cannot be observed.
bool is_inert(std::span<const std::byte> module);

// Code of the module runs when an instance is made. True also of what cannot be read.
bool has_start(std::span<const std::byte> module);

}  // namespace weft::component
