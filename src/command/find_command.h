// The command that a component is.
#pragma once

#include "component/plan.h"
#include "util/error.h"

namespace weft::command {

// `run` of wasi:cli/run, of the newest version if there are several: 0.2, or asynchronous, 0.3. Errc::invalid: there is
// none, or it has another type.
Result<component::FuncRef> find_command(const component::LinkPlan& plan);

}  // namespace weft::command
