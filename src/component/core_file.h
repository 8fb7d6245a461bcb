// The interface of a core module that stands alone.
#pragma once

#include "component/core_module.h"

namespace weft::component {

// As read_module_interface(), but several imports may have the same names, as they may not inside a component.
Result<CoreModuleInterface> read_file_interface(std::span<const std::byte> module, CoreTypeStore& store);

}  // namespace weft::component
