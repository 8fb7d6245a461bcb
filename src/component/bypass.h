// Leaves core instances out of a plan, or puts them off, where their code proves that nobody can tell.
//
// Tools that make components of core modules (wit-component) have three habits. A *shim* stands in for functions that
// need a memory which does not exist yet, a *fix-up* fills the shim's table when it does, and a module whose only
// content is a start function calls an initialiser. Here imports that go to a shim get what the fix-up puts there, both
// are left out, and the initialiser is called by a step. What is called before the fix-up's place still traps. An
// adapter, which is inert (core_shape.h) and then only called, is made when it is first called.
//
// Exact means: a shim's table is used by one fix-up and nobody else, the fix-up fills all of it, and signatures are
// equal. Two things differ: a limit on instances or on the native stack is met by other numbers of calls, and an
// adapter that cannot be made because of such a limit traps when it is called.
#pragma once

#include "component/plan.h"

namespace weft::component {

void bypass(LinkPlan& plan);

}  // namespace weft::component
