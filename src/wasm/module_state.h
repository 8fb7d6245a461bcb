// The exports that separate() adds to a module, so that the state of its instances can be put back (baseline.h): each
// memory it defines as `weft:state/memory/N`, each mutable global as `weft:state/global/N`, by their number among
// those.
//
// Nobody sees them: components import by name, and a module that uses such names itself gets none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/global_section.h"

namespace weft::wasm {

inline constexpr std::string_view state_prefix = "weft:state/";

std::string state_name(std::string_view what, std::size_t number);

// Is shown a module's sections in their order.
class StateExports {
 public:
  // The content of the sections of imports, memories and globals (read_globals).
  void see_imports(std::uint64_t memories, std::uint64_t globals);
  void see_memories(std::size_t count);
  void see_globals(const std::optional<std::vector<DefinedGlobal>>& globals);

  // The whole section of exports, to stand in place of one with this content, or where there is none. Nothing: the
  // module has to stay as it is.
  std::optional<std::vector<std::byte>> section(std::optional<std::span<const std::byte>> exports);
  // section() was asked: for there is only one.
  bool done() const { return done_; }

 private:
  struct Item {
    std::uint8_t kind;
    std::uint64_t index;
  };

  std::uint64_t imported_memories_ = 0;
  std::uint64_t imported_globals_ = 0;
  std::vector<std::uint64_t> memories_, globals_;
  bool understood_ = true;
  bool done_ = false;
};

}  // namespace weft::wasm
