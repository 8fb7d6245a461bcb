// What a start makes of a component's bytes before anything is compiled or linked, and the same kept for the next
// start.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "component/ast.h"
#include "component/linked.h"
#include "component/plan.h"
#include "runtime/core_module.h"
#include "util/error.h"

namespace weft::runtime {

struct PlannedComponent {
  std::shared_ptr<component::LinkPlan> plan;  // not changed any more once others have it (known_plans.h)
  std::vector<CoreModule> modules;            // the plan's; they refer to the component's bytes
  // What to do about imports that the host does not have yet (component/more_imports.h).
  component::NotYet imports = component::NotYet::refuse;
};

// Decodes, validates and plans.
Result<PlannedComponent> plan_component(component::ast::Bytes bytes, component::Bypass bypass);
// The same of what is decoded.
Result<PlannedComponent> plan_component(const component::ast::Component& component, component::Bypass bypass);

// All of it but the code, as bytes. Errc::limit when there is too much of it.
Result<std::vector<std::byte>> write_planned(PlannedComponent& planned);

// What write_planned() made of the component `bytes`; nothing is looked at twice. The caller vouches that it is this
// very component and that nobody changed what was written (plan_file.h). Errc::invalid all the same for whatever would
// lead out of bounds.
Result<PlannedComponent> read_planned(std::span<const std::byte> written, component::ast::Bytes bytes);

}  // namespace weft::runtime
