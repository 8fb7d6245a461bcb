// wasi:sockets/tcp and tcp-create-socket 0.2.
#include "wasi/p2.h"
#include "wasi_sockets/options.h"
#include "wasi_sockets/p2.h"
#include "wasi_sockets/state.h"
#include "wasi_sockets/tcp_socket.h"

namespace weft::wasi_sockets {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Self = Borrow<TcpSocket>;

SocketResult<void> start_bind(Host, Self self, Borrow<Network>, IpSocketAddress local_address) {
  return self->start_bind(Endpoint(local_address));
}
SocketResult<void> finish_bind(Host, Self self) {
  return self->finish_bind();
}
SocketResult<void> start_connect(Host, Self self, Borrow<Network>, IpSocketAddress remote_address) {
  return self->start_connect(Endpoint(remote_address));
}
SocketResult<Streams> finish_connect(Host, Self self) {
  return self->finish_connect();
}
SocketResult<void> start_listen(Host, Self self) {
  return self->start_listen();
}
SocketResult<void> finish_listen(Host, Self self) {
  return self->finish_listen();
}
SocketResult<Accepted> accept(Host, Self self) {
  return self->accept();
}
SocketResult<IpSocketAddress> local_address(Host, Self self) {
  return to_wit(self->local_address());
}
SocketResult<IpSocketAddress> remote_address(Host, Self self) {
  return to_wit(self->remote_address());
}
bool is_listening(Host, Self self) {
  return self->is_listening();
}
IpAddressFamily address_family(Host, Self self) {
  return self->address_family();
}
SocketResult<void> set_listen_backlog_size(Host, Self self, std::uint64_t value) {
  return self->set_listen_backlog_size(value);
}
Own<wasi::PollableResource> subscribe(Host, Self self) {
  return std::make_unique<wasi::PollableResource>(self->readiness());
}
SocketResult<void> shutdown(Host, Self self, ShutdownType shutdown_type) {
  return self->shutdown(shutdown_type);
}

// An option of options.h as a function of the interface.
template <auto Get>
auto get(Host, Self self) -> decltype(Get(std::declval<const OpenSocket&>())) {
  const auto socket = self->open();
  if (!socket) return std::unexpected(socket.error());
  return Get(**socket);
}
template <auto Set, class T>
SocketResult<void> set(Host, Self self, T value) {
  const auto socket = self->open();
  if (!socket) return std::unexpected(socket.error());
  return Set(**socket, value);
}

SocketResult<Own<TcpSocket>> create_tcp_socket(Host host, IpAddressFamily address_family) {
  SocketState& state = socket_state(host);
  auto socket = OpenSocket::create(host.context().loop(), address_family, SOCK_STREAM, state.limit);
  if (!socket) return std::unexpected(socket.error());
  return std::make_unique<TcpSocket>(*std::move(socket), state.access, state.outgoing);
}

}  // namespace

void p2::add_tcp(bind::Registry& registry, std::string_view version) {
  auto& tcp = registry.interface(wasi::p2::versioned("wasi:sockets/tcp", version));
  tcp.resource<TcpSocket>()
      .func<&start_bind>("[method]tcp-socket.start-bind")
      .func<&finish_bind>("[method]tcp-socket.finish-bind")
      .func<&start_connect>("[method]tcp-socket.start-connect")
      .func<&finish_connect>("[method]tcp-socket.finish-connect")
      .func<&start_listen>("[method]tcp-socket.start-listen")
      .func<&finish_listen>("[method]tcp-socket.finish-listen")
      .func<&accept>("[method]tcp-socket.accept")
      .func<&local_address>("[method]tcp-socket.local-address")
      .func<&remote_address>("[method]tcp-socket.remote-address")
      .func<&address_family>("[method]tcp-socket.address-family")
      .func<&set_listen_backlog_size>("[method]tcp-socket.set-listen-backlog-size")
      .func<&get<&receive_buffer_size>>("[method]tcp-socket.receive-buffer-size")
      .func<&set<&set_receive_buffer_size, std::uint64_t>>("[method]tcp-socket.set-receive-buffer-size")
      .func<&get<&send_buffer_size>>("[method]tcp-socket.send-buffer-size")
      .func<&set<&set_send_buffer_size, std::uint64_t>>("[method]tcp-socket.set-send-buffer-size")
      .func<&subscribe>("[method]tcp-socket.subscribe")
      .func<&shutdown>("[method]tcp-socket.shutdown");
  if (version == wasi::p2_october) {
    tcp.func<&get<&keep_alive_enabled>>("[method]tcp-socket.keep-alive")
        .func<&set<&set_keep_alive_enabled, bool>>("[method]tcp-socket.set-keep-alive")
        .func<&get<&no_delay>>("[method]tcp-socket.no-delay")
        .func<&set<&set_no_delay, bool>>("[method]tcp-socket.set-no-delay")
        .func<&get<&hop_limit>>("[method]tcp-socket.unicast-hop-limit")
        .func<&set<&set_hop_limit, std::uint8_t>>("[method]tcp-socket.set-unicast-hop-limit");
  } else {
    tcp.func<&is_listening>("[method]tcp-socket.is-listening")
        .func<&get<&keep_alive_enabled>>("[method]tcp-socket.keep-alive-enabled")
        .func<&set<&set_keep_alive_enabled, bool>>("[method]tcp-socket.set-keep-alive-enabled")
        .func<&get<&keep_alive_idle_time>>("[method]tcp-socket.keep-alive-idle-time")
        .func<&set<&set_keep_alive_idle_time, std::uint64_t>>("[method]tcp-socket.set-keep-alive-idle-time")
        .func<&get<&keep_alive_interval>>("[method]tcp-socket.keep-alive-interval")
        .func<&set<&set_keep_alive_interval, std::uint64_t>>("[method]tcp-socket.set-keep-alive-interval")
        .func<&get<&keep_alive_count>>("[method]tcp-socket.keep-alive-count")
        .func<&set<&set_keep_alive_count, std::uint32_t>>("[method]tcp-socket.set-keep-alive-count")
        .func<&get<&hop_limit>>("[method]tcp-socket.hop-limit")
        .func<&set<&set_hop_limit, std::uint8_t>>("[method]tcp-socket.set-hop-limit");
  }
  if (version == wasi::p2_october || version == wasi::p2_november) {
    tcp.func<&get<&ipv6_only>>("[method]tcp-socket.ipv6-only")
        .func<&set<&set_ipv6_only, bool>>("[method]tcp-socket.set-ipv6-only");
  }
  registry.interface(wasi::p2::versioned("wasi:sockets/tcp-create-socket", version))
      .func<&create_tcp_socket>("create-tcp-socket");
}

}  // namespace weft::wasi_sockets
