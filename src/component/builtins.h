// What the canonical built-ins are called and look like from a core module (CanonicalABI.md "Canonical Definitions").
#pragma once

#include <string_view>

#include "component/plan.h"
#include "wasm/engine.h"

namespace weft::component {

// "stream.cancel-read"
std::string_view name_of(ast::Builtin kind);

// False: weft knows the built-in but cannot carry it out yet, at least not in every case.
bool is_complete(ast::Builtin kind);

// The core type of the function a trampoline makes.
wasm::FuncType core_type_of(const Trampoline& trampoline);

}  // namespace weft::component
