// A component's world, with its documentation, as WIT.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "component/ast.h"
#include "component/validate.h"
#include "util/error.h"
#include "wit/document.h"

namespace weft::inspect {

// Of a composition: that of the part which others see. Of a WIT package in binary form: what the package has. Fails if
// `bytes` is no valid component.
Result<wit::Document> world_of(std::shared_ptr<const std::vector<std::byte>> bytes);

// The same of what is validated already.
wit::Document world_of(const component::ast::Component& component, const component::Validated& valid);

}  // namespace weft::inspect
