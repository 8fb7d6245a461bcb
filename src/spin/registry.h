// Spin's interfaces as components import them.
#pragma once

#include "bind/registry.h"

namespace weft::spin {

// Adds every interface of Spin's that the host offers.
void add_to_registry(bind::Registry& registry);

}  // namespace weft::spin
