// wasi:sockets/udp and udp-create-socket 0.2.
#include "wasi/p2.h"
#include "wasi_sockets/options.h"
#include "wasi_sockets/p2.h"
#include "wasi_sockets/state.h"
#include "wasi_sockets/udp_socket.h"

namespace weft::wasi_sockets {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Self = Borrow<UdpSocket>;

// ---- udp-socket ----

SocketResult<void> start_bind(Host, Self self, Borrow<Network>, IpSocketAddress local_address) {
  return self->start_bind(Endpoint(local_address));
}
SocketResult<void> finish_bind(Host, Self self) {
  return self->finish_bind();
}
SocketResult<DatagramStreams> stream(Host, Self self, std::optional<IpSocketAddress> remote_address) {
  return self->stream(remote_address ? std::optional(Endpoint(*remote_address)) : std::nullopt);
}
SocketResult<IpSocketAddress> local_address(Host, Self self) {
  return to_wit(self->local_address());
}
SocketResult<IpSocketAddress> remote_address(Host, Self self) {
  return to_wit(self->remote_address());
}
IpAddressFamily address_family(Host, Self self) {
  return self->open().family();
}
// bind is done when it is started.
Own<wasi::PollableResource> subscribe(Host, Self) {
  return std::make_unique<wasi::PollableResource>(wasi::always_ready());
}

template <auto Get>
auto get(Host, Self self) -> decltype(Get(std::declval<const OpenSocket&>())) {
  return Get(self->open());
}
template <auto Set, class T>
SocketResult<void> set(Host, Self self, T value) {
  return Set(self->open(), value);
}

// ---- of October ----

SocketResult<void> start_connect(Host, Self self, Borrow<Network>, IpSocketAddress remote_address) {
  return self->start_connect(Endpoint(remote_address));
}
SocketResult<void> finish_connect(Host, Self self) {
  return self->finish_connect();
}
SocketResult<std::vector<IncomingDatagram>> socket_receive(Host, Self self, std::uint64_t max_results) {
  return self->receive(max_results);
}
SocketResult<std::uint64_t> socket_send(Host, Self self, std::vector<IncomingDatagram> datagrams) {
  return self->send(datagrams);
}
Own<wasi::PollableResource> socket_subscribe(Host, Self self) {
  return std::make_unique<wasi::PollableResource>(self->readiness());
}

// ---- the streams ----

SocketResult<std::vector<IncomingDatagram>> receive(Host, Borrow<IncomingDatagramStream> self,
                                                    std::uint64_t max_results) {
  return self->receive(max_results);
}
Own<wasi::PollableResource> incoming_subscribe(Host, Borrow<IncomingDatagramStream> self) {
  return std::make_unique<wasi::PollableResource>(self->readiness());
}

SocketResult<std::uint64_t> check_send(Host, Borrow<OutgoingDatagramStream> self) {
  return self->check_send();
}
SocketResult<std::uint64_t> send(Host, Borrow<OutgoingDatagramStream> self, std::vector<OutgoingDatagram> datagrams) {
  return self->send(datagrams);
}
Own<wasi::PollableResource> outgoing_subscribe(Host, Borrow<OutgoingDatagramStream> self) {
  return std::make_unique<wasi::PollableResource>(self->readiness());
}

SocketResult<Own<UdpSocket>> create_udp_socket(Host host, IpAddressFamily address_family) {
  SocketState& state = socket_state(host);
  auto socket = OpenSocket::create(host.context().loop(), address_family, SOCK_DGRAM, state.limit);
  if (!socket) return std::unexpected(socket.error());
  return std::make_unique<UdpSocket>(*std::move(socket), state.access);
}

}  // namespace

void p2::add_udp(bind::Registry& registry, std::string_view version) {
  auto& udp = registry.interface(wasi::p2::versioned("wasi:sockets/udp", version));
  udp.resource<UdpSocket>()
      .func<&start_bind>("[method]udp-socket.start-bind")
      .func<&finish_bind>("[method]udp-socket.finish-bind")
      .func<&local_address>("[method]udp-socket.local-address")
      .func<&remote_address>("[method]udp-socket.remote-address")
      .func<&address_family>("[method]udp-socket.address-family")
      .func<&get<&hop_limit>>("[method]udp-socket.unicast-hop-limit")
      .func<&set<&set_hop_limit, std::uint8_t>>("[method]udp-socket.set-unicast-hop-limit")
      .func<&get<&receive_buffer_size>>("[method]udp-socket.receive-buffer-size")
      .func<&set<&set_receive_buffer_size, std::uint64_t>>("[method]udp-socket.set-receive-buffer-size")
      .func<&get<&send_buffer_size>>("[method]udp-socket.send-buffer-size")
      .func<&set<&set_send_buffer_size, std::uint64_t>>("[method]udp-socket.set-send-buffer-size");
  if (version == wasi::p2_october) {
    udp.func<&start_connect>("[method]udp-socket.start-connect")
        .func<&finish_connect>("[method]udp-socket.finish-connect")
        .func<&socket_receive>("[method]udp-socket.receive")
        .func<&socket_send>("[method]udp-socket.send")
        .func<&socket_subscribe>("[method]udp-socket.subscribe");
  } else {
    udp.resource<IncomingDatagramStream>()
        .resource<OutgoingDatagramStream>()
        .func<&stream>("[method]udp-socket.stream")
        .func<&subscribe>("[method]udp-socket.subscribe")
        .func<&receive>("[method]incoming-datagram-stream.receive")
        .func<&incoming_subscribe>("[method]incoming-datagram-stream.subscribe")
        .func<&check_send>("[method]outgoing-datagram-stream.check-send")
        .func<&send>("[method]outgoing-datagram-stream.send")
        .func<&outgoing_subscribe>("[method]outgoing-datagram-stream.subscribe");
  }
  if (version == wasi::p2_october || version == wasi::p2_november) {
    udp.func<&get<&ipv6_only>>("[method]udp-socket.ipv6-only")
        .func<&set<&set_ipv6_only, bool>>("[method]udp-socket.set-ipv6-only");
  }
  registry.interface(wasi::p2::versioned("wasi:sockets/udp-create-socket", version))
      .func<&create_udp_socket>("create-udp-socket");
}

}  // namespace weft::wasi_sockets
