#include "wasi_sockets/tcp_socket.h"

#include <algorithm>
#include <cerrno>

namespace weft::wasi_sockets {
namespace {

// Connections that wait to be accepted; the kernel's own limit is often lower.
constexpr int default_backlog = 128;
constexpr std::uint64_t max_backlog = 1024;

}  // namespace

bool TcpState::ready() {
  switch (step) {
    case Step::connect_in_progress:
      return socket->writable();
    case Step::listening:
      return socket->readable();
    default:
      return true;
  }
}

host::Signal& TcpState::signal() {
  return step == Step::connect_in_progress ? socket->when_writable() : socket->when_readable();
}

std::unexpected<ErrorCode> TcpState::close(ErrorCode code) {
  step = Step::closed;
  return socket_error(code);
}

SocketResult<void> TcpState::finish_connect() {
  if (step != Step::connect_in_progress) return socket_error(ErrorCode::not_in_progress);
  if (!socket->writable()) return socket_error(ErrorCode::would_block);
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket->fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return close(error_code_of(error));
  step = Step::connected;
  connection = std::make_shared<Connection>(socket, outgoing);
  return {};
}

SocketResult<bind::Own<TcpSocket>> TcpState::accept(Access& access) {
  if (step != Step::listening) return socket_error(ErrorCode::invalid_state);
  auto accepted = socket->accept();
  if (!accepted) return std::unexpected(accepted.error());
  if (access.blocks_any()) {
    const auto peer = (*accepted)->remote_address();
    if (!peer || access.is_blocked(*peer)) return socket_error(ErrorCode::connection_aborted);
  }
  auto made = std::make_unique<TcpSocket>(*std::move(accepted), access, outgoing);
  TcpState& state = *made->state();
  state.step = Step::connected;
  state.connection = std::make_shared<Connection>(state.socket, outgoing);
  return made;
}

TcpSocket::TcpSocket(std::shared_ptr<OpenSocket> socket, Access& access, std::weak_ptr<Outgoing> outgoing)
    : state_(std::make_shared<TcpState>(std::move(socket), std::move(outgoing))),
      access_(access),
      backlog_(default_backlog) {}

bool TcpSocket::in_progress() const {
  switch (state_->step) {
    case Step::bind_in_progress:
    case Step::listen_in_progress:
    case Step::connect_in_progress:
      return true;
    default:
      return false;
  }
}

SocketResult<OpenSocket*> TcpSocket::open() const {
  if (state_->step == Step::closed) return socket_error(ErrorCode::invalid_state);
  return state_->socket.get();
}

SocketResult<void> TcpSocket::start_bind(const Endpoint& local) {
  if (in_progress()) return socket_error(ErrorCode::concurrency_conflict);
  if (state_->step != Step::unbound) return socket_error(ErrorCode::invalid_state);
  if (!local.is_unicast_of(address_family())) return socket_error(ErrorCode::invalid_argument);
  if (!access_.may_bind(Protocol::tcp, local)) return socket_error(ErrorCode::access_denied);
  // A connection that has just ended does not keep its port from the next one who binds it.
  const int on = 1;
  setsockopt(state_->socket->fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(state_->socket->fd(), local.data(), local.size()) != 0) return socket_error_of(errno);
  state_->step = Step::bind_in_progress;
  return {};
}

SocketResult<void> TcpSocket::finish_bind() {
  if (state_->step != Step::bind_in_progress) return socket_error(ErrorCode::not_in_progress);
  state_->step = Step::bound;
  return {};
}

SocketResult<void> TcpSocket::start_connect(const Endpoint& remote) {
  if (in_progress()) return socket_error(ErrorCode::concurrency_conflict);
  if (state_->step != Step::unbound && state_->step != Step::bound) return socket_error(ErrorCode::invalid_state);
  // What the guest got wrong, or is not granted, leaves the socket as it was; what the network says does not.
  if (!remote.is_unicast_of(address_family()) || !remote.is_remote()) return socket_error(ErrorCode::invalid_argument);
  if (!access_.may_send(Protocol::tcp, remote)) return socket_error(ErrorCode::access_denied);
  int result = 0;
  do {
    result = ::connect(state_->socket->fd(), remote.data(), remote.size());
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EINPROGRESS) {
    // connect() says of its own address that none is available when no port is.
    return state_->close(errno == EADDRNOTAVAIL || errno == EAGAIN ? ErrorCode::address_in_use : error_code_of(errno));
  }
  state_->step = Step::connect_in_progress;
  return {};
}

SocketResult<Streams> TcpSocket::finish_connect() {
  if (auto done = state_->finish_connect(); !done) return std::unexpected(done.error());
  return Streams{input_of(state_->connection), output_of(state_->connection)};
}

SocketResult<void> TcpSocket::start_listen() {
  if (in_progress()) return socket_error(ErrorCode::concurrency_conflict);
  if (state_->step != Step::bound) return socket_error(ErrorCode::invalid_state);
  if (::listen(state_->socket->fd(), backlog_) != 0) return state_->close(error_code_of(errno));
  state_->step = Step::listen_in_progress;
  return {};
}

SocketResult<void> TcpSocket::finish_listen() {
  if (state_->step != Step::listen_in_progress) return socket_error(ErrorCode::not_in_progress);
  state_->step = Step::listening;
  return {};
}

SocketResult<Accepted> TcpSocket::accept() {
  auto accepted = state_->accept(access_);
  if (!accepted) return std::unexpected(accepted.error());
  const auto& connection = (*accepted)->state_->connection;
  auto input = input_of(connection);
  auto output = output_of(connection);
  return Accepted{*std::move(accepted), std::move(input), std::move(output)};
}

SocketResult<void> TcpSocket::bind(const Endpoint& local) {
  if (auto started = start_bind(local); !started) return started;
  return finish_bind();
}

SocketResult<void> TcpSocket::listen() {
  if (state_->step == Step::unbound) {
    if (auto bound = bind(Endpoint::any(address_family())); !bound) return bound;
  }
  if (auto started = start_listen(); !started) return started;
  return finish_listen();
}

SocketResult<std::shared_ptr<Connection>> TcpSocket::take(bool& taken) {
  if (state_->step != Step::connected || std::exchange(taken, true)) return socket_error(ErrorCode::invalid_state);
  return state_->connection;
}

SocketResult<Endpoint> TcpSocket::local_address() const {
  switch (state_->step) {
    case Step::unbound:
    case Step::bind_in_progress:
    case Step::connect_in_progress:
    case Step::closed:
      return socket_error(ErrorCode::invalid_state);
    default:
      return state_->socket->local_address();
  }
}

SocketResult<Endpoint> TcpSocket::remote_address() const {
  if (state_->step != Step::connected) return socket_error(ErrorCode::invalid_state);
  return state_->socket->remote_address();
}

SocketResult<void> TcpSocket::set_listen_backlog_size(std::uint64_t value) {
  switch (state_->step) {
    case Step::connect_in_progress:
    case Step::connected:
    case Step::closed:
      return socket_error(ErrorCode::invalid_state);
    default:
      break;
  }
  if (value == 0) return socket_error(ErrorCode::invalid_argument);
  backlog_ = static_cast<int>(std::min(value, max_backlog));
  // Linux takes another length at any time.
  if (state_->step == Step::listening && ::listen(state_->socket->fd(), backlog_) != 0) return socket_error_of(errno);
  return {};
}

SocketResult<void> TcpSocket::shutdown(ShutdownType type) {
  if (state_->step != Step::connected) return socket_error(ErrorCode::invalid_state);
  state_->connection->shutdown(type);
  return {};
}

}  // namespace weft::wasi_sockets
