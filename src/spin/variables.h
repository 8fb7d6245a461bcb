// Variables as components import them.
#pragma once

#include "bind/registry.h"
#include "variables/application.h"

namespace weft::spin {

// Set before an instance runs: instance.state<VariablesState>(). Null: the component has no variables.
struct VariablesState {
  const variables::ComponentVariables* variables = nullptr;  // outlives the instance
};

void add_variables(bind::Registry& registry);

}  // namespace weft::spin
