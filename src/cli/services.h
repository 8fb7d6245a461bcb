// Everything components can import from weft.
#pragma once

#include "bind/registry.h"

namespace weft::cli {

void add_services(bind::Registry& registry);

}  // namespace weft::cli
