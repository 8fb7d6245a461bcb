// resource udp-socket of wasi:sockets/types 0.3.
#include <boost/asio/post.hpp>

#include "bind/await.h"
#include "bind/eventual.h"
#include "wasi_sockets/options.h"
#include "wasi_sockets/p3.h"
#include "wasi_sockets/p3_errors.h"
#include "wasi_sockets/state.h"
#include "wasi_sockets/udp_socket.h"

namespace weft::wasi_sockets::p3 {
namespace {

using bind::Borrow;
using bind::Eventual;
using bind::Host;
using bind::Own;
using Self = Borrow<UdpSocket>;
using Received = Result<std::tuple<std::vector<std::byte>, IpSocketAddress>>;

bool would_block(const auto& result) {
  return !result && result.error() == wasi_sockets::ErrorCode::would_block;
}

Result<Own<UdpSocket>> create(Host host, IpAddressFamily address_family) {
  SocketState& state = socket_state(host);
  auto socket = OpenSocket::create(host.context().loop(), address_family, SOCK_DGRAM, state.limit);
  if (!socket) return std::unexpected(converted(socket.error()));
  return std::make_unique<UdpSocket>(*std::move(socket), state.access);
}
Outcome bind_to(Host, Self self, IpSocketAddress local_address) {
  return to_p3(self->bind(Endpoint(local_address)));
}
Outcome connect(Host, Self self, IpSocketAddress remote_address) {
  return to_p3(self->connect(Endpoint(remote_address)));
}
Outcome disconnect(Host, Self self) {
  return to_p3(self->disconnect());
}

// The instance outlives the wait, unless it is cancelled.
awaitable<Outcome> send_later(Loop& loop, std::shared_ptr<UdpState> socket, std::vector<std::byte> data,
                              std::optional<Endpoint> to) {
  for (;;) {
    co_await bind::until_ready(loop, send_readiness(socket));
    auto sent = socket->send(data, to);
    if (!would_block(sent)) co_return to_p3(std::move(sent));
    co_await boost::asio::post(loop, use_awaitable);
  }
}
Eventual<Outcome> send(Host host, Self self, std::span<const std::byte> data,
                       std::optional<IpSocketAddress> remote_address) {
  const auto to = remote_address ? std::optional(Endpoint(*remote_address)) : std::nullopt;
  auto sent = self->state()->send(data, to);
  if (!would_block(sent)) return to_p3(std::move(sent));
  return send_later(host.context().loop(), self->state(), {data.begin(), data.end()}, to);
}

Received received(SocketResult<IncomingDatagram> datagram) {
  if (!datagram) return std::unexpected(converted(datagram.error()));
  return std::tuple(std::move(datagram->data), datagram->remote_address);
}
awaitable<Received> receive_later(Loop& loop, std::shared_ptr<UdpState> socket) {
  for (;;) {
    co_await bind::until_ready(loop, receive_readiness(socket));
    std::size_t patience = max_thrown_away;
    auto next = socket->receive(patience);
    if (!would_block(next)) co_return received(std::move(next));
    // Others on the loop have their turn, however much comes that nobody is to hear.
    co_await boost::asio::post(loop, use_awaitable);
  }
}
Eventual<Received> receive(Host host, Self self) {
  if (!self->local_address()) return Received(std::unexpected(converted(wasi_sockets::ErrorCode::invalid_state)));
  std::size_t patience = max_thrown_away;
  auto next = self->state()->receive(patience);
  if (!would_block(next)) return received(std::move(next));
  return receive_later(host.context().loop(), self->state());
}

Result<IpSocketAddress> local_address(Host, Self self) {
  return to_p3(to_wit(self->local_address()));
}
Result<IpSocketAddress> remote_address(Host, Self self) {
  return to_p3(to_wit(self->remote_address()));
}
IpAddressFamily address_family(Host, Self self) {
  return self->open().family();
}

template <auto Get>
auto get(Host, Self self) -> decltype(to_p3(Get(std::declval<const OpenSocket&>()))) {
  return to_p3(Get(self->open()));
}
template <auto Set, class T>
Outcome set(Host, Self self, T value) {
  return to_p3(Set(self->open(), value));
}

}  // namespace

void add_udp(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:sockets/types@" + std::string(version))
      .resource<UdpSocket>()
      .func<&create>("[static]udp-socket.create")
      .func<&bind_to>("[method]udp-socket.bind")
      .func<&connect>("[method]udp-socket.connect")
      .func<&disconnect>("[method]udp-socket.disconnect")
      .async_func<&send>("[method]udp-socket.send")
      .async_func<&receive>("[method]udp-socket.receive")
      .func<&local_address>("[method]udp-socket.get-local-address")
      .func<&remote_address>("[method]udp-socket.get-remote-address")
      .func<&address_family>("[method]udp-socket.get-address-family")
      .func<&get<&hop_limit>>("[method]udp-socket.get-unicast-hop-limit")
      .func<&set<&set_hop_limit, std::uint8_t>>("[method]udp-socket.set-unicast-hop-limit")
      .func<&get<&receive_buffer_size>>("[method]udp-socket.get-receive-buffer-size")
      .func<&set<&set_receive_buffer_size, std::uint64_t>>("[method]udp-socket.set-receive-buffer-size")
      .func<&get<&send_buffer_size>>("[method]udp-socket.get-send-buffer-size")
      .func<&set<&set_send_buffer_size, std::uint64_t>>("[method]udp-socket.set-send-buffer-size");
}

}  // namespace weft::wasi_sockets::p3
