#include "wasi_sockets/registry.h"

#include <optional>

#include "wasi/p2.h"
#include "wasi/p3.h"
#include "wasi/wasi.h"
#include "wasi_sockets/name_lookup.h"
#include "wasi_sockets/network.h"
#include "wasi_sockets/p2.h"
#include "wasi_sockets/p3.h"
#include "wasi_sockets/state.h"

namespace weft::wasi_sockets {

SocketState& socket_state(bind::Host host) {
  struct Slot {
    std::optional<SocketState> state;
  };
  auto& state = host.state<Slot>().state;
  if (!state) state.emplace(host.context(), host.state<wasi::WasiState>().setup().mounts.limit());
  return *state;
}

void add_to_registry(bind::Registry& registry) {
  for (const std::string_view version : wasi::p2_versions) {
    add_network(registry, version);
    add_name_lookup(registry, version);
    p2::add_tcp(registry, version);
    p2::add_udp(registry, version);
  }
  for (const std::string_view version : wasi::p3_versions) {
    p3::add_tcp(registry, version);
    p3::add_udp(registry, version);
    p3::add_name_lookup(registry, version);
  }
}

}  // namespace weft::wasi_sockets
