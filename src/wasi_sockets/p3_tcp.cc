// resource tcp-socket of wasi:sockets/types 0.3.
#include "bind/await.h"
#include "bind/eventual.h"
#include "wasi_sockets/options.h"
#include "wasi_sockets/p3.h"
#include "wasi_sockets/p3_connection.h"
#include "wasi_sockets/state.h"

namespace weft::wasi_sockets::p3 {
namespace {

using bind::Borrow;
using bind::Eventual;
using bind::Future;
using bind::Host;
using bind::Own;
using Self = Borrow<TcpSocket>;

Result<Own<TcpSocket>> create(Host host, IpAddressFamily address_family) {
  SocketState& state = socket_state(host);
  auto socket = OpenSocket::create(host.context().loop(), address_family, SOCK_STREAM, state.limit);
  if (!socket) return std::unexpected(converted(socket.error()));
  return std::make_unique<TcpSocket>(*std::move(socket), state.access, state.outgoing);
}
Outcome bind_to(Host, Self self, IpSocketAddress local_address) {
  return to_p3(self->bind(Endpoint(local_address)));
}

awaitable<Outcome> connected(Loop& loop, std::shared_ptr<TcpState> socket) {
  co_await bind::until_ready(loop, socket);
  co_return to_p3(socket->finish_connect());
}
Eventual<Outcome> connect(Host host, Self self, IpSocketAddress remote_address) {
  if (auto started = self->start_connect(Endpoint(remote_address)); !started) return to_p3(std::move(started));
  if (self->state()->ready()) return to_p3(self->state()->finish_connect());
  return connected(host.context().loop(), self->state());
}
Result<bind::Stream<Own<TcpSocket>>> listen(Host host, Self self) {
  if (auto done = self->listen(); !done) return std::unexpected(converted(done.error()));
  return bind::Stream<Own<TcpSocket>>(arrivals(host.context().loop(), self->state(), socket_state(host).access));
}
Future<Outcome> send_all(Host, Self self, Bytes data) {
  return send(self->take_writing(), std::move(data));
}
std::tuple<Bytes, Future<Outcome>> receive_all(Host host, Self self) {
  return receive(host.context().loop(), self->take_reading());
}

Result<IpSocketAddress> local_address(Host, Self self) {
  return to_p3(to_wit(self->local_address()));
}
Result<IpSocketAddress> remote_address(Host, Self self) {
  return to_p3(to_wit(self->remote_address()));
}
bool is_listening(Host, Self self) {
  return self->is_listening();
}
IpAddressFamily address_family(Host, Self self) {
  return self->address_family();
}
Outcome set_listen_backlog_size(Host, Self self, std::uint64_t value) {
  return to_p3(self->set_listen_backlog_size(value));
}

// An option of options.h as a function of the interface.
template <auto Get>
auto get(Host, Self self) -> decltype(to_p3(Get(std::declval<const OpenSocket&>()))) {
  const auto socket = self->open();
  if (!socket) return std::unexpected(converted(socket.error()));
  return to_p3(Get(**socket));
}
template <auto Set, class T>
Outcome set(Host, Self self, T value) {
  const auto socket = self->open();
  if (!socket) return std::unexpected(converted(socket.error()));
  return to_p3(Set(**socket, value));
}

}  // namespace

void add_tcp(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:sockets/types@" + std::string(version))
      .resource<TcpSocket>()
      .func<&create>("[static]tcp-socket.create")
      .func<&bind_to>("[method]tcp-socket.bind")
      .async_func<&connect>("[method]tcp-socket.connect")
      .func<&listen>("[method]tcp-socket.listen")
      .func<&send_all>("[method]tcp-socket.send")
      .func<&receive_all>("[method]tcp-socket.receive")
      .func<&local_address>("[method]tcp-socket.get-local-address")
      .func<&remote_address>("[method]tcp-socket.get-remote-address")
      .func<&is_listening>("[method]tcp-socket.get-is-listening")
      .func<&address_family>("[method]tcp-socket.get-address-family")
      .func<&set_listen_backlog_size>("[method]tcp-socket.set-listen-backlog-size")
      .func<&get<&keep_alive_enabled>>("[method]tcp-socket.get-keep-alive-enabled")
      .func<&set<&set_keep_alive_enabled, bool>>("[method]tcp-socket.set-keep-alive-enabled")
      .func<&get<&keep_alive_idle_time>>("[method]tcp-socket.get-keep-alive-idle-time")
      .func<&set<&set_keep_alive_idle_time, std::uint64_t>>("[method]tcp-socket.set-keep-alive-idle-time")
      .func<&get<&keep_alive_interval>>("[method]tcp-socket.get-keep-alive-interval")
      .func<&set<&set_keep_alive_interval, std::uint64_t>>("[method]tcp-socket.set-keep-alive-interval")
      .func<&get<&keep_alive_count>>("[method]tcp-socket.get-keep-alive-count")
      .func<&set<&set_keep_alive_count, std::uint32_t>>("[method]tcp-socket.set-keep-alive-count")
      .func<&get<&hop_limit>>("[method]tcp-socket.get-hop-limit")
      .func<&set<&set_hop_limit, std::uint8_t>>("[method]tcp-socket.set-hop-limit")
      .func<&get<&receive_buffer_size>>("[method]tcp-socket.get-receive-buffer-size")
      .func<&set<&set_receive_buffer_size, std::uint64_t>>("[method]tcp-socket.set-receive-buffer-size")
      .func<&get<&send_buffer_size>>("[method]tcp-socket.get-send-buffer-size")
      .func<&set<&set_send_buffer_size, std::uint64_t>>("[method]tcp-socket.set-send-buffer-size");
}

}  // namespace weft::wasi_sockets::p3
