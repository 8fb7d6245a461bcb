// resource udp-socket, and the incoming-datagram-stream and outgoing-datagram-stream of WASI 0.2.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "wasi_sockets/access.h"
#include "wasi_sockets/open_socket.h"

namespace weft::wasi_sockets {

// Datagrams in one send or receive, and of no more bytes than one of the largest: a guest comes again for the rest.
inline constexpr std::uint64_t max_datagrams = 16;
// Of one datagram: what UDP can carry is a little less.
inline constexpr std::size_t max_datagram_bytes = 65535;

struct IncomingDatagram {
  std::vector<std::byte> data;
  IpSocketAddress remote_address;
  static constexpr auto labels = bind::labels("data", "remote-address");
};
struct OutgoingDatagram {
  std::vector<std::byte> data;
  std::optional<IpSocketAddress> remote_address;
  static constexpr auto labels = bind::labels("data", "remote-address");
};

// What a socket and its streams share. One loop.
//
// A socket whose own address the allow-list names hears from everybody, as in other hosts. One that is bound to any
// free port, so that it can send, hears only from those it may send to.
struct UdpState : Pinned {
  UdpState(std::shared_ptr<OpenSocket> of, Access& of_instance) : socket(std::move(of)), access(of_instance) {}

  SocketResult<void> bind(const Endpoint& local);
  // To any free port, unless it is bound.
  SocketResult<void> ensure_bound();
  // Takes the association with a peer away; it is bound as before.
  SocketResult<void> dissociate();
  // The next datagram that is to be heard; would-block when there is none. Gives up when as many as `patience` of
  // others were thrown away, and counts them.
  SocketResult<IncomingDatagram> receive(std::size_t& patience);
  // To the peer, if no address is given. Binds what is not bound.
  SocketResult<void> send(std::span<const std::byte> data, const std::optional<Endpoint>& remote);

  const std::shared_ptr<OpenSocket> socket;
  Access& access;
  bool bound = false;
  Endpoint own;  // once it is bound
  bool hears_all = false;
  std::optional<Endpoint> remote;       // the peer, when it is "connected"
  std::optional<Endpoint> may_send_to;  // the last one that was found to be granted
  std::uint64_t streams = 0;            // counts calls of stream(): only the streams of the last one are of use

 private:
  bool is_heard(const Endpoint& from);
};
// Datagrams that nobody is to hear which are thrown away in one go; more are left for the next.
inline constexpr std::size_t max_thrown_away = 64;

// Ready when a datagram is there, or one can be sent.
std::shared_ptr<host::Pollable> receive_readiness(std::shared_ptr<UdpState> state);
std::shared_ptr<host::Pollable> send_readiness(std::shared_ptr<UdpState> state);

class IncomingDatagramStream final : public host::Resource {
 public:
  static constexpr const char* resource_name = "incoming-datagram-stream";
  explicit IncomingDatagramStream(std::shared_ptr<UdpState> state) : state_(std::move(state)), of_(state_->streams) {}
  SocketResult<std::vector<IncomingDatagram>> receive(std::uint64_t max_results);
  std::shared_ptr<host::Pollable> readiness() const { return receive_readiness(state_); }

 private:
  const std::shared_ptr<UdpState> state_;
  const std::uint64_t of_;
};

class OutgoingDatagramStream final : public host::Resource {
 public:
  static constexpr const char* resource_name = "outgoing-datagram-stream";
  explicit OutgoingDatagramStream(std::shared_ptr<UdpState> state) : state_(std::move(state)), of_(state_->streams) {}
  SocketResult<std::uint64_t> check_send();
  // How many were sent. Traps when there are more than the last check_send() permitted.
  SocketResult<std::uint64_t> send(const std::vector<OutgoingDatagram>& datagrams);
  std::shared_ptr<host::Pollable> readiness() const { return send_readiness(state_); }

 private:
  const std::shared_ptr<UdpState> state_;
  const std::uint64_t of_;
  std::uint64_t permitted_ = 0;
};

using DatagramStreams = std::tuple<bind::Own<IncomingDatagramStream>, bind::Own<OutgoingDatagramStream>>;

class UdpSocket final : public host::Resource {
 public:
  static constexpr const char* resource_name = "udp-socket";
  // `access` is the instance's; it outlives the socket.
  UdpSocket(std::shared_ptr<OpenSocket> socket, Access& access)
      : state_(std::make_shared<UdpState>(std::move(socket), access)) {}

  SocketResult<void> start_bind(const Endpoint& local);
  SocketResult<void> finish_bind();
  SocketResult<DatagramStreams> stream(std::optional<Endpoint> remote);

  // As WASI 0.3 has them. What is not bound is bound to any free port.
  SocketResult<void> bind(const Endpoint& local);
  SocketResult<void> connect(const Endpoint& remote);
  SocketResult<void> disconnect();
  const std::shared_ptr<UdpState>& state() const { return state_; }

  // As the candidate of October 2023 has them: datagrams pass the socket itself, which must be bound.
  SocketResult<void> start_connect(const Endpoint& remote);
  SocketResult<void> finish_connect();
  // would-block when there are none.
  SocketResult<std::vector<IncomingDatagram>> receive(std::uint64_t max_results);
  // How many were sent; would-block when none can be.
  SocketResult<std::uint64_t> send(const std::vector<IncomingDatagram>& datagrams);
  // Ready when what is in progress is done; else when a datagram is there, or can be sent again where none could.
  std::shared_ptr<host::Pollable> readiness() const;

  SocketResult<Endpoint> local_address() const;
  SocketResult<Endpoint> remote_address() const;
  OpenSocket& open() const { return *state_->socket; }

 private:
  const std::shared_ptr<UdpState> state_;
  bool binding_ = false;
  bool connecting_ = false;
  bool send_blocked_ = false;
};

}  // namespace weft::wasi_sockets
