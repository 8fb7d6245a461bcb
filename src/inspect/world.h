// A component as others see it, and its world, with its documentation, as WIT.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "component/ast.h"
#include "component/composition.h"
#include "component/validate.h"
#include "util/error.h"
#include "wit/document.h"

namespace weft::inspect {

struct Face {
  std::shared_ptr<const component::ast::Component> whole;
  std::optional<component::Composition> composition;  // that `whole` is
  const component::ast::Component* part = nullptr;    // that others see; of no composition: `whole`
  component::Validated valid;                         // of `part`
};

// Of a core module, what a component made of it is. Fails if `bytes` is no valid component, or a composition of which a
// part or a link is not valid.
Result<Face> read_face(std::shared_ptr<const std::vector<std::byte>> bytes);

// Of a WIT package in binary form: what the package has.
wit::Document world_of(const Face& face);
Result<wit::Document> world_of(std::shared_ptr<const std::vector<std::byte>> bytes);

}  // namespace weft::inspect
