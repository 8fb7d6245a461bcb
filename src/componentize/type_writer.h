// Writes types of the component model.
#pragma once

#include "component/ast_types.h"
#include "component/byte_writer.h"

namespace weft::componentize {

// REQUIRES: no type of a component, an instance or a resource. Indices are written as they are.
void write_type(component::ByteWriter& w, const component::ast::DefType& type);

}  // namespace weft::componentize
