// Whether a component's imports say what it calls.
//
// A linker leaves out of one program what nothing in it calls; so an import is a need, and a component whose imports
// are not there is refused when it starts. It is otherwise with
//   - shared libraries: each imports all that it could call for whoever uses it. Core modules with a "dylink.0"
//   section,
//     as all components of componentize-py;
//   - interpreters, which import the whole world that their program was made for: the component's "producers" name
//     ComponentizeJS, componentize-qjs, componentize-py or component-init.
// Of these the call is refused, not the component.
#pragma once

#include "component/ast.h"

namespace weft::component {

bool imports_more_than_it_calls(const ast::Component& component);

}  // namespace weft::component
