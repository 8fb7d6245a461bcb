// An accepted socket, plain or under TLS, as a connection uses it.
#pragma once

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "http/socket.h"
#include "util/pinned.h"

namespace weft::http {

// Told how what it began has ended: on the loop, and never from within the call that began it.
class TransportUser {
 public:
  virtual void on_handshake(bool ok) = 0;
  // 0: nothing more comes.
  virtual void on_read(std::size_t count) = 0;
  // 0: nothing more goes.
  virtual void on_written(std::size_t count) = 0;
  // The peer was told of the end, and has told of its own.
  virtual void on_ended() = 0;

 protected:
  ~TransportUser() = default;
};

// At most one read and one write at a time. Everything that is begun holds its user, and with it whatever it reads into
// or writes from, until it has ended; close() ends all.
class Transport : Pinned {
 public:
  using Parts = std::array<std::string_view, 3>;
  using User = std::shared_ptr<TransportUser>;

  virtual ~Transport() = default;
  virtual std::string_view scheme() const = 0;
  // False: there is none, and on_handshake is not called.
  virtual bool handshake(User user) = 0;
  // The handshake agreed on HTTP/2.
  virtual bool chose_http2() { return false; }
  virtual void read(std::span<char> into, User user) = 0;
  // Sends what goes without waiting; returns how much. None: nothing more goes.
  virtual std::optional<std::size_t> write_now(const Parts& parts) = 0;
  // Sends some of it when that is possible. REQUIRES: the parts are not all empty.
  virtual void write(const Parts& parts, User user) = 0;
  // Lets the peer see the end of what was sent, if reading can go on after that.
  virtual void half_close() = 0;
  // Ends the session. REQUIRES: no read and no write runs. False: there is none, and on_ended is not called.
  virtual bool end(User user) = 0;

  // Ends a read early, with 0. REQUIRES: no write runs.
  virtual void cancel_read() = 0;
  virtual void close() = 0;
  // Closes so that the peer sees a failure, not an end.
  virtual void close_abruptly() = 0;
  // True when there is something to read, if only the end.
  virtual bool has_input() = 0;
  // Bytes that the peer has not acknowledged.
  virtual std::size_t unsent() = 0;
};

// The handshake agreed on HTTP/2 (ALPN).
bool chose_http2(SSL* ssl);

std::unique_ptr<Transport> make_transport(Socket socket);
// Of an accepted socket: handshake() is the server's.
std::unique_ptr<Transport> make_tls_transport(Socket socket, std::shared_ptr<boost::asio::ssl::context> context);
// Of a session whose handshake is done. `stream`'s context outlives it.
std::unique_ptr<Transport> make_tls_transport(boost::asio::ssl::stream<Socket> stream);

}  // namespace weft::http
