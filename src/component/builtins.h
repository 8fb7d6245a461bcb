// What the canonical built-ins are called and look like from a core module (CanonicalABI.md "Canonical Definitions").
#pragma once

#include <string_view>

#include "component/plan.h"
#include "wasm/engine.h"

namespace weft::component {

// What asynchronous built-ins return while they are not done (BLOCKED of the specification).
inline constexpr std::uint32_t blocked = UINT32_MAX;

// "stream.cancel-read"
std::string_view name_of(ast::Builtin kind);

// The core type of the function a trampoline makes.
wasm::FuncType core_type_of(const Trampoline& trampoline);

}  // namespace weft::component
