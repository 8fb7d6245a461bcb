#include "wasi_sockets/udp_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "abi/trap.h"

namespace weft::wasi_sockets {
namespace {

// Datagrams that nobody is to hear which one receive() throws away; more are left for the next.
constexpr std::size_t max_thrown_away = 64;

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

// Takes the association with a peer away.
int disassociate(int fd) {
  const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  return ::connect(fd, &nobody, sizeof nobody);
}

}  // namespace

// ---- udp-socket ----

SocketResult<void> UdpSocket::start_bind(const Endpoint& local) {
  if (binding_) return socket_error(ErrorCode::concurrency_conflict);
  if (state_->bound) return socket_error(ErrorCode::invalid_state);
  if (!local.is_of(state_->socket->family())) return socket_error(ErrorCode::invalid_argument);
  if (!state_->access.may_bind(Protocol::udp, local)) return socket_error(ErrorCode::access_denied);
  if (::bind(state_->socket->fd(), local.data(), local.size()) != 0) return socket_error_of(errno);
  state_->hears_all = state_->access.would_send(Protocol::udp, local);
  state_->bound = binding_ = true;
  return {};
}

SocketResult<void> UdpSocket::finish_bind() {
  if (!std::exchange(binding_, false)) return socket_error(ErrorCode::not_in_progress);
  return {};
}

SocketResult<void> UdpSocket::associate(const Endpoint& remote) {
  if (!remote.is_of(state_->socket->family()) || !remote.is_remote()) return socket_error(ErrorCode::invalid_argument);
  if (!state_->access.may_send(Protocol::udp, remote)) return socket_error(ErrorCode::access_denied);
  const int fd = state_->socket->fd();
  int result = ::connect(fd, remote.data(), remote.size());
  // Linux keeps the local address that suited the former peer, and refuses one that cannot be reached from it.
  if (result != 0 && errno == EINVAL && disassociate(fd) == 0) result = ::connect(fd, remote.data(), remote.size());
  if (result != 0) return socket_error_of(errno == EADDRNOTAVAIL || errno == EAGAIN ? EADDRINUSE : errno);
  state_->remote = remote;
  return {};
}

SocketResult<DatagramStreams> UdpSocket::stream(std::optional<Endpoint> remote) {
  if (binding_ || !state_->bound) return socket_error(ErrorCode::invalid_state);
  if (remote) {
    if (auto done = associate(*remote); !done) return std::unexpected(done.error());
  } else if (state_->remote) {
    if (disassociate(state_->socket->fd()) != 0) return socket_error_of(errno);
    state_->remote.reset();
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

// ---- incoming-datagram-stream ----

bool IncomingDatagramStream::is_heard(const Endpoint& from) {
  // What came before the socket was associated with its peer is still in the queue.
  if (state_->remote) return from == *state_->remote;
  if (state_->may_send_to == from) return true;
  if (state_->hears_all) return !state_->access.is_blocked(from);
  if (!state_->access.would_send(Protocol::udp, from)) return false;
  state_->may_send_to = from;
  return true;
}

SocketResult<std::vector<IncomingDatagram>> IncomingDatagramStream::receive(std::uint64_t max_results) {
  if (of_ != state_->streams) return socket_error(ErrorCode::invalid_state);
  std::vector<IncomingDatagram> received;
  static thread_local std::array<std::byte, max_datagram_bytes> buffer;
  const auto most = std::min(max_results, max_datagrams);
  std::size_t bytes = 0, thrown_away = 0;
  while (received.size() < most && bytes < max_datagram_bytes && thrown_away < max_thrown_away) {
    Endpoint from;
    socklen_t size = Endpoint::capacity;
    const ssize_t got = recvfrom(state_->socket->fd(), buffer.data(), buffer.size(), 0, from.data(), &size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      if (errno == EAGAIN || !received.empty()) break;
      return socket_error_of(errno);
    }
    if (!is_heard(from)) {
      ++thrown_away;
      continue;
    }
    bytes += static_cast<std::size_t>(got);
    received.push_back({std::vector<std::byte>(buffer.data(), buffer.data() + got), from.to_wit()});
  }
  return received;
}

std::shared_ptr<host::Pollable> IncomingDatagramStream::readiness() const {
  return std::make_shared<ReceiveReadiness>(state_);
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
    if (const auto done = send_one(datagram); !done) {
      if (sent > 0 || done.error() == ErrorCode::would_block) break;
      return std::unexpected(done.error());
    }
    ++sent;
  }
  return sent;
}

SocketResult<void> OutgoingDatagramStream::send_one(const OutgoingDatagram& datagram) {
  UdpState& state = *state_;
  if (datagram.data.size() > max_datagram_bytes) return socket_error(ErrorCode::datagram_too_large);
  if (!datagram.remote_address && !state.remote) return socket_error(ErrorCode::invalid_argument);
  const Endpoint to = datagram.remote_address ? Endpoint(*datagram.remote_address) : *state.remote;
  if (!to.is_of(state.socket->family()) || !to.is_remote()) return socket_error(ErrorCode::invalid_argument);
  if (state.remote) {
    if (to != *state.remote) return socket_error(ErrorCode::invalid_argument);
  } else if (state.may_send_to != to) {
    if (!state.access.may_send(Protocol::udp, to)) return socket_error(ErrorCode::access_denied);
    state.may_send_to = to;
  }
  const sockaddr* address = state.remote ? nullptr : to.data();
  ssize_t put = 0;
  do {
    put = sendto(state.socket->fd(), datagram.data.data(), datagram.data.size(), MSG_NOSIGNAL, address,
                 address == nullptr ? 0 : to.size());
  } while (put < 0 && errno == EINTR);
  if (put < 0) return socket_error_of(errno);
  return {};
}

std::shared_ptr<host::Pollable> OutgoingDatagramStream::readiness() const {
  return std::make_shared<SendReadiness>(state_);
}

}  // namespace weft::wasi_sockets
