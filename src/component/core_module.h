// The interface of a core module: what it imports and exports, with canonical types.
#pragma once

#include <span>

#include "component/ast.h"
#include "component/core_store.h"

namespace weft::component {

struct CoreModuleInterface {
  std::vector<CoreImport> imports;
  std::vector<CoreExport> exports;
};

// Reads the module in `range` of `bytes`; types are added to `store`. Checks the order and shape of the sections it
// needs, index bounds of imports and exports and the uniqueness of their names; function bodies and initialisers are
// not validated: the engine does that when it compiles the module. Errc::invalid with an offset into `bytes`.
Result<CoreModuleInterface> read_module_interface(std::span<const std::byte> bytes, ast::ByteRange range,
                                                  CoreTypeStore& store);

// Two-level import names and export names of modules in components are unique: "duplicate import name `a:b`".
Result<void> check_unique_names(const CoreModuleInterface& module);

}  // namespace weft::component
