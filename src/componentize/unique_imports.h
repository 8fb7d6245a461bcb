// Imports of core modules under names that differ.
//
// A core module may import one function twice under the same two names, as AssemblyScript's compiler has it; a module
// in a component may not.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "component/core_types.h"
#include "util/error.h"

namespace weft::componentize {

// For each import a name that no other one of the same module has: its own, if it is the first with it.
std::vector<std::string> unique_names(const std::vector<component::CoreImport>& imports);

// The module with these names for its imports, in order. REQUIRES: its imports were read.
Result<std::vector<std::byte>> rename_imports(std::span<const std::byte> module, const std::vector<std::string>& names);

}  // namespace weft::componentize
