// A core module as a component, so that everything after it (plans, caches, limits, inspection) is that of components.
#pragma once

#include <string>

#include "component/ast.h"
#include "util/error.h"

namespace weft::componentize {

// `bytes` as a component: the very same bytes if they are one, or no module at all, which decoding will say. `name`
// goes into messages; empty: whoever calls says it.
//
// A module that exports `_start` becomes a command: a component that exports wasi:cli/run. One that exports
// `_initialize` has it called when it is instantiated. Functions that it imports from namespaces.h become imports of
// the host's interfaces for them. What wit-bindgen made of it (world.h) imports and exports what its world says, as far
// as it really imports it. Errc::invalid for a malformed module, Errc::unsupported for imports that nobody serves.
Result<component::ast::Bytes> as_component(component::ast::Bytes bytes, const std::string& name = {});

}  // namespace weft::componentize
