// wasi:http of the candidate of October 2023: where its types are not those of WASI 0.2, over the same objects.
#pragma once

#include "bind/registry.h"

namespace weft::wasi_http::october {

// What types has of its own; the rest is registered with the other versions.
void add_types(bind::Registry& registry);
void add_outgoing_handler(bind::Registry& registry);

}  // namespace weft::wasi_http::october
