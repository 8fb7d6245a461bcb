// wasi:http as components import it.
#pragma once

#include "bind/registry.h"

namespace weft::wasi_http {

// Adds every interface of wasi:http that the host offers.
void add_to_registry(bind::Registry& registry);

}  // namespace weft::wasi_http
