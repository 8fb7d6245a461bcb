// A TCP connection as its two streams use it.
#pragma once

#include <boost/intrusive/list.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "util/pinned.h"
#include "wasi/streams.h"
#include "wasi_sockets/open_socket.h"

namespace weft::wasi_sockets {

class Outgoing;

// enum shutdown-type
enum class ShutdownType : std::uint8_t { receive, send, both };
constexpr auto weft_labels(ShutdownType) {
  return bind::labels("receive", "send", "both");
}

// Shared by the socket, the streams and their pollables. May outlive the instance, when the host reads it for others.
//
// A write takes all of its bytes: what the kernel does not take at once, at most max_write_permit, is kept here and
// sent as soon as it can be; until then nothing more may be written. A connection that ends with such bytes unsent is
// reset, so that the peer cannot take what it got for everything.
class Connection : Pinned, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<OpenSocket> socket, std::weak_ptr<Outgoing> outgoing)
      : socket_(std::move(socket)), outgoing_(std::move(outgoing)) {}
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

  // For a stream that is written to by the host. Whether write() takes max_write_permit bytes now; if not, whether it
  // ever will.
  bool takes() const { return writing_ && unsent_.empty(); }
  bool writing() const { return writing_; }
  // What was written last is not complete, and never will be: the peer is not to take it for everything.
  void abandon();
  // Calls `done` once everything is sent, with 0, or an errno: why it cannot be. Not called if the connection ends
  // before.
  void when_sent(std::function<void(int error)> done) { on_sent_ = std::move(done); }
  // What sends for the instance; null once that has ended.
  std::shared_ptr<Outgoing> outgoing() const { return outgoing_.lock(); }

 private:
  // Bytes the kernel took.
  std::size_t send(std::span<const std::byte> bytes);
  void send_rest();
  void finish_sending();
  void fail_writing(int error);

  void told(int error);

  const std::shared_ptr<OpenSocket> socket_;
  const std::weak_ptr<Outgoing> outgoing_;
  std::vector<std::byte> unsent_;
  bool reading_ = true;  // the input stream is not closed
  bool writing_ = true;  // the output stream is not closed
  bool sending_ = true;  // no FIN was sent, and nothing failed
  bool abandoned_ = false;
  std::optional<ErrorCode> write_error_;  // not told yet
  std::function<void(int)> on_sent_;
};

// Sends what the guest writes, or what it has told the host to send, to a connection of its instance.
class Sender : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  // The instance has ended.
  virtual void cut() = 0;

 protected:
  ~Sender() = default;
};

// What an instance has still to send: it ends with the instance.
class Outgoing : Pinned {
 public:
  ~Outgoing();
  // A connection that the guest has dropped, and not all that it wrote is sent.
  void add(std::shared_ptr<Connection> connection) { connections_.push_back(std::move(connection)); }
  void remove(const Connection& connection) {
    std::erase_if(connections_, [&](const auto& at) { return at.get() == &connection; });
  }
  // Until it is destroyed.
  void add(Sender& sender) { senders_.push_back(sender); }

 private:
  std::vector<std::shared_ptr<Connection>> connections_;
  boost::intrusive::list<Sender, boost::intrusive::constant_time_size<false>> senders_;
};

wasi::StreamError stream_error(ErrorCode code);

// The two streams of a connection.
std::unique_ptr<wasi::InputStream> input_of(std::shared_ptr<Connection> connection);
std::unique_ptr<wasi::OutputStream> output_of(std::shared_ptr<Connection> connection);

}  // namespace weft::wasi_sockets
