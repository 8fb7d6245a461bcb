// The socket interfaces of WASI 0.3, each registered by its own sources.
#pragma once

#include <string_view>

#include "bind/registry.h"

namespace weft::wasi_sockets::p3 {

// Of types: tcp-socket, and udp-socket.
void add_tcp(bind::Registry& registry, std::string_view version);
void add_udp(bind::Registry& registry, std::string_view version);
// ip-name-lookup
void add_name_lookup(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_sockets::p3
