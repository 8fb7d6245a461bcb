// A TCP connection as its two streams use it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "util/pinned.h"
#include "wasi/streams.h"
#include "wasi_sockets/open_socket.h"

namespace weft::wasi_sockets {

class Leaving;

// enum shutdown-type
enum class ShutdownType : std::uint8_t { receive, send, both };
constexpr auto weft_labels(ShutdownType) {
  return bind::labels("receive", "send", "both");
}

// Shared by the socket, the streams and their pollables.
//
// A write takes all of its bytes: what the kernel does not take at once, at most max_write_permit, is kept here and
// sent as soon as it can be; until then nothing more may be written. A connection that ends with such bytes unsent is
// reset, so that the peer cannot take what it got for everything.
class Connection : Pinned, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<OpenSocket> socket, Leaving& leaving) : socket_(std::move(socket)), leaving_(leaving) {}
  ~Connection();

  OpenSocket& socket() { return *socket_; }

  // As InputStream::read() and the functions of OutputStream. An error is told once; afterwards the stream is closed.
  wasi::StreamResult<std::vector<std::byte>> read(std::uint64_t max);
  wasi::StreamResult<std::uint64_t> check_write();
  wasi::StreamResult<void> write(std::span<const std::byte> bytes);
  bool read_ready() { return !reading_ || socket_->readable(); }
  bool write_ready() { return !writing_ || (unsent_.empty() && socket_->writable()); }

  // The streams in question are closed; what was written is still sent, and then the peer learns of the end.
  void shutdown(ShutdownType type);
  // The guest has dropped the output stream.
  void leave();

 private:
  // Bytes the kernel took.
  std::size_t send(std::span<const std::byte> bytes);
  void send_rest();
  void finish_sending();
  void fail_writing(int error);

  const std::shared_ptr<OpenSocket> socket_;
  Leaving& leaving_;
  std::vector<std::byte> unsent_;
  bool reading_ = true;                   // the input stream is not closed
  bool writing_ = true;                   // the output stream is not closed
  bool sending_ = true;                   // no FIN was sent, and nothing failed
  std::optional<ErrorCode> write_error_;  // not told yet
};

// The connections of an instance that are still to send what the guest wrote before it dropped them. They end with the
// instance.
class Leaving : Pinned {
 public:
  void add(std::shared_ptr<Connection> connection) { connections_.push_back(std::move(connection)); }
  void remove(const Connection& connection) {
    std::erase_if(connections_, [&](const auto& at) { return at.get() == &connection; });
  }

 private:
  std::vector<std::shared_ptr<Connection>> connections_;
};

wasi::StreamError stream_error(ErrorCode code);

// The two streams of a connection.
std::unique_ptr<wasi::InputStream> input_of(std::shared_ptr<Connection> connection);
std::unique_ptr<wasi::OutputStream> output_of(std::shared_ptr<Connection> connection);

}  // namespace weft::wasi_sockets
