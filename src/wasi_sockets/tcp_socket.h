// resource tcp-socket: the state machine of TcpSocketOperationalSemantics.md.
#pragma once

#include <memory>
#include <tuple>

#include "wasi_sockets/access.h"
#include "wasi_sockets/connection.h"
#include "wasi_sockets/open_socket.h"

namespace weft::wasi_sockets {

using Streams = std::tuple<bind::Own<wasi::InputStream>, bind::Own<wasi::OutputStream>>;
class TcpSocket;
using Accepted = std::tuple<bind::Own<TcpSocket>, bind::Own<wasi::InputStream>, bind::Own<wasi::OutputStream>>;

// What a socket shares with whoever waits for it. Ready when the operation in progress is done, or a connection can be
// accepted.
struct TcpState final : host::Pollable {
  enum class Step : std::uint8_t {
    unbound,
    bind_in_progress,
    bound,
    listen_in_progress,
    listening,
    connect_in_progress,
    connected,
    closed,
  };
  TcpState(std::shared_ptr<OpenSocket> of, std::weak_ptr<Outgoing> of_instance)
      : socket(std::move(of)), outgoing(std::move(of_instance)) {}

  bool ready() override;
  host::Signal& signal() override;
  // What became of connecting; would-block while nobody knows. Once it is connected there is a connection.
  SocketResult<void> finish_connect();
  // The next connection of a socket that listens, as an object of its own.
  SocketResult<bind::Own<TcpSocket>> accept(Access& access);
  std::unexpected<ErrorCode> close(ErrorCode code);

  const std::shared_ptr<OpenSocket> socket;
  const std::weak_ptr<Outgoing> outgoing;
  std::shared_ptr<Connection> connection;
  Step step = Step::unbound;
};

// None of these functions waits. bind and listen are done when they are started; their finish-* only say so.
class TcpSocket final : public host::Resource {
 public:
  static constexpr const char* resource_name = "tcp-socket";
  // `access` and `outgoing` are the instance's; the former outlives the socket.
  TcpSocket(std::shared_ptr<OpenSocket> socket, Access& access, std::weak_ptr<Outgoing> outgoing);

  SocketResult<void> start_bind(const Endpoint& local);
  SocketResult<void> finish_bind();
  SocketResult<void> start_connect(const Endpoint& remote);
  SocketResult<Streams> finish_connect();
  SocketResult<void> start_listen();
  SocketResult<void> finish_listen();
  SocketResult<Accepted> accept();

  // As WASI 0.3 has them.
  SocketResult<void> bind(const Endpoint& local);
  // On any free port, unless it is bound.
  SocketResult<void> listen();
  // The connection, for its one reader and its one writer; invalid-state without one, and for the next.
  SocketResult<std::shared_ptr<Connection>> take_reading() { return take(reading_taken_); }
  SocketResult<std::shared_ptr<Connection>> take_writing() { return take(writing_taken_); }
  const std::shared_ptr<TcpState>& state() const { return state_; }

  SocketResult<Endpoint> local_address() const;
  SocketResult<Endpoint> remote_address() const;
  bool is_listening() const { return state_->step == Step::listening; }
  IpAddressFamily address_family() const { return state_->socket->family(); }
  SocketResult<void> set_listen_backlog_size(std::uint64_t value);
  SocketResult<void> shutdown(ShutdownType type);
  std::shared_ptr<host::Pollable> readiness() const { return state_; }
  // For the options; invalid-state once it is closed.
  SocketResult<OpenSocket*> open() const;

 private:
  using Step = TcpState::Step;
  bool in_progress() const;
  SocketResult<std::shared_ptr<Connection>> take(bool& taken);

  const std::shared_ptr<TcpState> state_;
  Access& access_;
  int backlog_;
  bool reading_taken_ = false;
  bool writing_taken_ = false;
};

}  // namespace weft::wasi_sockets
