#include "wasi_sockets/udp_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "abi/trap.h"

namespace weft::wasi_sockets {
namespace {

class ReceiveReadiness final : public host::Pollable {
 public:
  explicit ReceiveReadiness(std::shared_ptr<UdpState> state) : state_(std::move(state)) {}
  bool ready() override { return state_->socket->readable(); }
  host::Signal& signal() override { return state_->socket->when_readable(); }

 private:
  std::shared_ptr<UdpState> state_;
};

class SendReadiness final : public host::Pollable {
 public:
  explicit SendReadiness(std::shared_ptr<UdpState> state) : state_(std::move(state)) {}
  bool ready() override { return state_->socket->writable(); }
  host::Signal& signal() override { return state_->socket->when_writable(); }

 private:
  std::shared_ptr<UdpState> state_;
};

// None: none is there.
SocketResult<std::vector<IncomingDatagram>> receive_some(UdpState& state, std::uint64_t max_results) {
  std::vector<IncomingDatagram> received;
  const auto most = std::min(max_results, max_datagrams);
  std::size_t bytes = 0, patience = max_thrown_away;
  while (received.size() < most && bytes < max_datagram_bytes) {
    auto next = state.receive(patience);
    if (!next) {
      if (next.error() == ErrorCode::would_block || !received.empty()) break;
      return std::unexpected(next.error());
    }
    bytes += next->data.size();
    received.push_back(*std::move(next));
  }
  return received;
}

}  // namespace

// ---- what a socket and its streams share ----

SocketResult<void> UdpState::bind(const Endpoint& local) {
  if (bound) return socket_error(ErrorCode::invalid_state);
  if (!local.is_of(socket->family())) return socket_error(ErrorCode::invalid_argument);
  if (!access.may_bind(Protocol::udp, local)) return socket_error(ErrorCode::access_denied);
  if (::bind(socket->fd(), local.data(), local.size()) != 0) return socket_error_of(errno);
  hears_all = access.would_send(Protocol::udp, local);
  bound = true;
  own = socket->local_address().value_or(local);
  return {};
}

SocketResult<void> UdpState::ensure_bound() {
  if (bound) return {};
  return bind(Endpoint::any(socket->family()));
}

SocketResult<void> UdpState::dissociate() {
  const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  if (::connect(socket->fd(), &nobody, sizeof nobody) != 0) return socket_error_of(errno);
  remote.reset();
  // Linux takes a port that it chose itself away too.
  const auto left = socket->local_address();
  if (left && left->port() == 0 && ::bind(socket->fd(), own.data(), own.size()) != 0) return socket_error_of(errno);
  return {};
}

bool UdpState::is_heard(const Endpoint& from) {
  // What came before the socket was associated with its peer is still in the queue.
  if (remote) return from == *remote;
  if (may_send_to == from) return true;
  if (hears_all) return !access.is_blocked(from);
  if (!access.would_send(Protocol::udp, from)) return false;
  may_send_to = from;
  return true;
}

SocketResult<IncomingDatagram> UdpState::receive(std::size_t& patience) {
  static thread_local std::array<std::byte, max_datagram_bytes> buffer;
  while (patience > 0) {
    Endpoint from;
    socklen_t size = Endpoint::capacity;
    const ssize_t got = recvfrom(socket->fd(), buffer.data(), buffer.size(), 0, from.data(), &size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return socket_error_of(errno);
    if (is_heard(from))
      return IncomingDatagram{std::vector<std::byte>(buffer.data(), buffer.data() + got), from.to_wit()};
    --patience;
  }
  return socket_error(ErrorCode::would_block);
}

SocketResult<void> UdpState::send(std::span<const std::byte> data, const std::optional<Endpoint>& given) {
  if (data.size() > max_datagram_bytes) return socket_error(ErrorCode::datagram_too_large);
  if (!given && !remote) return socket_error(ErrorCode::invalid_argument);
  const Endpoint to = given ? *given : *remote;
  if (!to.is_of(socket->family()) || !to.is_remote()) return socket_error(ErrorCode::invalid_argument);
  if (remote) {
    if (to != *remote) return socket_error(ErrorCode::invalid_argument);
  } else if (may_send_to != to) {
    if (!access.may_send(Protocol::udp, to)) return socket_error(ErrorCode::access_denied);
    may_send_to = to;
  }
  if (auto done = ensure_bound(); !done) return done;
  const sockaddr* address = remote ? nullptr : to.data();
  ssize_t put = 0;
  do {
    put = sendto(socket->fd(), data.data(), data.size(), MSG_NOSIGNAL, address, address == nullptr ? 0 : to.size());
  } while (put < 0 && errno == EINTR);
  if (put < 0) return socket_error_of(errno);
  return {};
}

std::shared_ptr<host::Pollable> receive_readiness(std::shared_ptr<UdpState> state) {
  return std::make_shared<ReceiveReadiness>(std::move(state));
}
std::shared_ptr<host::Pollable> send_readiness(std::shared_ptr<UdpState> state) {
  return std::make_shared<SendReadiness>(std::move(state));
}

// ---- udp-socket ----

SocketResult<void> UdpSocket::start_bind(const Endpoint& local) {
  if (binding_) return socket_error(ErrorCode::concurrency_conflict);
  if (auto done = state_->bind(local); !done) return done;
  binding_ = true;
  return {};
}

SocketResult<void> UdpSocket::finish_bind() {
  if (!std::exchange(binding_, false)) return socket_error(ErrorCode::not_in_progress);
  return {};
}

SocketResult<void> UdpSocket::bind(const Endpoint& local) {
  if (auto started = start_bind(local); !started) return started;
  return finish_bind();
}

SocketResult<void> UdpSocket::connect(const Endpoint& remote) {
  if (!remote.is_of(state_->socket->family()) || !remote.is_remote()) return socket_error(ErrorCode::invalid_argument);
  if (!state_->access.may_send(Protocol::udp, remote)) return socket_error(ErrorCode::access_denied);
  if (auto done = state_->ensure_bound(); !done) return done;
  const int fd = state_->socket->fd();
  int result = ::connect(fd, remote.data(), remote.size());
  // Linux keeps the local address that suited the former peer, and refuses one that cannot be reached from it.
  if (result != 0 && errno == EINVAL && state_->dissociate()) result = ::connect(fd, remote.data(), remote.size());
  if (result != 0) return socket_error_of(errno == EADDRNOTAVAIL || errno == EAGAIN ? EADDRINUSE : errno);
  state_->remote = remote;
  return {};
}

SocketResult<void> UdpSocket::disconnect() {
  if (!state_->remote) return socket_error(ErrorCode::invalid_state);
  return state_->dissociate();
}

SocketResult<DatagramStreams> UdpSocket::stream(std::optional<Endpoint> remote) {
  if (binding_ || !state_->bound) return socket_error(ErrorCode::invalid_state);
  if (remote) {
    if (auto done = connect(*remote); !done) return std::unexpected(done.error());
  } else if (state_->remote) {
    if (auto done = disconnect(); !done) return std::unexpected(done.error());
  }
  ++state_->streams;
  return DatagramStreams{std::make_unique<IncomingDatagramStream>(state_),
                         std::make_unique<OutgoingDatagramStream>(state_)};
}

SocketResult<Endpoint> UdpSocket::local_address() const {
  if (binding_ || !state_->bound) return socket_error(ErrorCode::invalid_state);
  return state_->socket->local_address();
}

SocketResult<Endpoint> UdpSocket::remote_address() const {
  if (!state_->remote) return socket_error(ErrorCode::invalid_state);
  return *state_->remote;
}

// ---- udp-socket of October ----

SocketResult<void> UdpSocket::start_connect(const Endpoint& remote) {
  if (binding_ || connecting_) return socket_error(ErrorCode::concurrency_conflict);
  if (auto done = connect(remote); !done) return done;
  connecting_ = true;
  return {};
}

SocketResult<void> UdpSocket::finish_connect() {
  if (!std::exchange(connecting_, false)) return socket_error(ErrorCode::not_in_progress);
  return {};
}

SocketResult<std::vector<IncomingDatagram>> UdpSocket::receive(std::uint64_t max_results) {
  if (binding_ || connecting_ || !state_->bound) return socket_error(ErrorCode::invalid_state);
  auto received = receive_some(*state_, max_results);
  if (received && received->empty() && max_results > 0) return socket_error(ErrorCode::would_block);
  return received;
}

SocketResult<std::uint64_t> UdpSocket::send(const std::vector<IncomingDatagram>& datagrams) {
  if (binding_ || connecting_ || !state_->bound) return socket_error(ErrorCode::invalid_state);
  std::uint64_t sent = 0;
  send_blocked_ = false;
  for (const IncomingDatagram& datagram : datagrams) {
    if (sent == max_datagrams) break;
    if (const auto done = state_->send(datagram.data, Endpoint(datagram.remote_address)); !done) {
      send_blocked_ = done.error() == ErrorCode::would_block;
      if (sent > 0) break;
      return std::unexpected(done.error());
    }
    ++sent;
  }
  return sent;
}

std::shared_ptr<host::Pollable> UdpSocket::readiness() const {
  if (binding_ || connecting_) return wasi::always_ready();
  return send_blocked_ ? send_readiness(state_) : receive_readiness(state_);
}

// ---- incoming-datagram-stream ----

SocketResult<std::vector<IncomingDatagram>> IncomingDatagramStream::receive(std::uint64_t max_results) {
  if (of_ != state_->streams) return socket_error(ErrorCode::invalid_state);
  return receive_some(*state_, max_results);
}

// ---- outgoing-datagram-stream ----

SocketResult<std::uint64_t> OutgoingDatagramStream::check_send() {
  if (of_ != state_->streams) return socket_error(ErrorCode::invalid_state);
  permitted_ = state_->socket->writable() ? max_datagrams : 0;
  return permitted_;
}

SocketResult<std::uint64_t> OutgoingDatagramStream::send(const std::vector<OutgoingDatagram>& datagrams) {
  if (of_ != state_->streams) return socket_error(ErrorCode::invalid_state);
  if (datagrams.size() > permitted_) throw abi::Trap("send of more datagrams than check-send permitted");
  permitted_ -= datagrams.size();
  std::uint64_t sent = 0;
  for (const OutgoingDatagram& datagram : datagrams) {
    const auto to = datagram.remote_address ? std::optional(Endpoint(*datagram.remote_address)) : std::nullopt;
    if (const auto done = state_->send(datagram.data, to); !done) {
      if (sent > 0 || done.error() == ErrorCode::would_block) break;
      return std::unexpected(done.error());
    }
    ++sent;
  }
  return sent;
}

}  // namespace weft::wasi_sockets
