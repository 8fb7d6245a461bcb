// The socket interfaces of WASI 0.2, each registered by its own source.
#pragma once

#include "bind/registry.h"

namespace weft::wasi_sockets::p2 {

// tcp and tcp-create-socket
void add_tcp(bind::Registry& registry);
// udp and udp-create-socket
void add_udp(bind::Registry& registry);

}  // namespace weft::wasi_sockets::p2
