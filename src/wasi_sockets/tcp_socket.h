// resource wasi:sockets/tcp.tcp-socket: the state machine of TcpSocketOperationalSemantics.md.
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

// None of these functions waits. bind and listen are done when they are started; their finish-* only say so.
class TcpSocket final : public host::Resource {
 public:
  static constexpr const char* resource_name = "tcp-socket";
  // `access` and `leaving` are the instance's; they outlive the socket.
  TcpSocket(std::shared_ptr<OpenSocket> socket, Access& access, Leaving& leaving);
  // One that was accepted.
  TcpSocket(std::shared_ptr<OpenSocket> socket, std::shared_ptr<Connection> connection, Access& access,
            Leaving& leaving);

  SocketResult<void> start_bind(const Endpoint& local);
  SocketResult<void> finish_bind();
  SocketResult<void> start_connect(const Endpoint& remote);
  SocketResult<Streams> finish_connect();
  SocketResult<void> start_listen();
  SocketResult<void> finish_listen();
  SocketResult<Accepted> accept();

  SocketResult<Endpoint> local_address() const;
  SocketResult<Endpoint> remote_address() const;
  bool is_listening() const { return state_->step == Step::listening; }
  IpAddressFamily address_family() const { return state_->socket->family(); }
  SocketResult<void> set_listen_backlog_size(std::uint64_t value);
  SocketResult<void> shutdown(ShutdownType type);
  // Ready when the operation in progress is done, or a connection can be accepted.
  std::shared_ptr<host::Pollable> readiness() const { return state_; }
  // For the options; invalid-state once it is closed.
  SocketResult<OpenSocket*> open() const;

 private:
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
  struct State final : host::Pollable {
    explicit State(std::shared_ptr<OpenSocket> of) : socket(std::move(of)) {}
    bool ready() override;
    host::Signal& signal() override;
    std::shared_ptr<OpenSocket> socket;
    Step step = Step::unbound;
  };

  bool in_progress() const;
  std::unexpected<ErrorCode> close(ErrorCode code);

  const std::shared_ptr<State> state_;  // shared with the pollables
  Access& access_;
  Leaving& leaving_;
  std::shared_ptr<Connection> connection_;  // once connected
  int backlog_;
};

}  // namespace weft::wasi_sockets
