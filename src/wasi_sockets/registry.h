// wasi:sockets as components import it.
#pragma once

#include "bind/registry.h"

namespace weft::wasi_sockets {

// Adds every interface of wasi:sockets, in each version.
void add_to_registry(bind::Registry& registry);

}  // namespace weft::wasi_sockets
