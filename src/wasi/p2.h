// The interfaces of WASI 0.2, each registered by its own source.
#pragma once

#include "bind/registry.h"

namespace weft::wasi::p2 {

void add_io(bind::Registry& registry);
void add_clocks(bind::Registry& registry);
void add_random(bind::Registry& registry);
void add_cli(bind::Registry& registry);
void add_filesystem(bind::Registry& registry);

}  // namespace weft::wasi::p2
