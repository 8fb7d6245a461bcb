#include "wasi_sockets/access.h"

#include <algorithm>

namespace weft::wasi_sockets {
namespace {

host::Target target(Protocol protocol, std::string_view host, std::uint16_t port) {
  return {.scheme = protocol == Protocol::tcp ? "tcp" : "udp", .host = host, .port = port};
}

}  // namespace

const std::string* Access::granted_name(Protocol protocol, const Endpoint& remote) const {
  const auto address = remote.ip();
  for (auto known = known_.rbegin(); known != known_.rend(); ++known) {
    if (std::ranges::find(known->addresses, address) == known->addresses.end()) continue;
    const host::Target by_name = target(protocol, known->name, remote.port());
    if (context_.grants().decide(host::Capability::outbound_socket, by_name).allowed) return &known->name;
  }
  return nullptr;
}

bool Access::may_send(Protocol protocol, const Endpoint& remote) {
  const std::string* name = granted_name(protocol, remote);
  const std::string host = name != nullptr ? *name : remote.host();
  const host::Target asked = target(protocol, host, remote.port());
  return host::authorize(context_, host::Capability::outbound_socket, asked).allowed &&
         host::authorize_address(context_, host::Capability::outbound_socket, asked, remote.ip());
}

bool Access::would_send(Protocol protocol, const Endpoint& remote) const {
  if (is_blocked(remote)) return false;
  if (granted_name(protocol, remote) != nullptr) return true;
  const std::string host = remote.host();
  const host::Target by_address = target(protocol, host, remote.port());
  return context_.grants().decide(host::Capability::outbound_socket, by_address).allowed;
}

bool Access::may_bind(Protocol protocol, const Endpoint& local) {
  const std::string host = local.host();
  return host::authorize(context_, host::Capability::socket_bind, target(protocol, host, local.port())).allowed;
}

bool Access::may_look_up(const std::string& name) {
  return host::authorize(context_, host::Capability::name_lookup, {.scheme = {}, .host = name, .port = 0}).allowed;
}

void Access::learn(std::string name, std::vector<boost::asio::ip::address> addresses) {
  std::erase_if(known_, [&](const Known& known) { return known.name == name; });
  if (known_.size() == max_known_names) known_.pop_front();
  known_.push_back({std::move(name), std::move(addresses)});
}

}  // namespace weft::wasi_sockets
