// The socket interfaces of WASI 0.2, each registered by its own source.
#pragma once

#include <string_view>

#include "bind/registry.h"

namespace weft::wasi_sockets::p2 {

// tcp and tcp-create-socket
void add_tcp(bind::Registry& registry, std::string_view version);
// udp and udp-create-socket
void add_udp(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_sockets::p2
