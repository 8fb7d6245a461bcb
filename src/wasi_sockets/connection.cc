#include "wasi_sockets/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace weft::wasi_sockets {
namespace {

using wasi::Closed;
using wasi::StreamResult;

class ReadReadiness final : public host::Pollable {
 public:
  explicit ReadReadiness(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  bool ready() override { return connection_->read_ready(); }
  host::Signal& signal() override { return connection_->socket().when_readable(); }

 private:
  std::shared_ptr<Connection> connection_;
};

class WriteReadiness final : public host::Pollable {
 public:
  explicit WriteReadiness(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  bool ready() override { return connection_->write_ready(); }
  host::Signal& signal() override { return connection_->socket().when_writable(); }

 private:
  std::shared_ptr<Connection> connection_;
};

class Input final : public wasi::InputStream {
 public:
  explicit Input(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~Input() override { connection_->shutdown(ShutdownType::receive); }
  StreamResult<std::vector<std::byte>> read(std::uint64_t max) override { return connection_->read(max); }
  std::shared_ptr<host::Pollable> readiness() override { return std::make_shared<ReadReadiness>(connection_); }

 private:
  std::shared_ptr<Connection> connection_;
};

class Output final : public wasi::OutputStream {
 public:
  explicit Output(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~Output() override { connection_->leave(); }
  StreamResult<std::uint64_t> check_write() override { return connection_->check_write(); }
  StreamResult<void> write(std::span<const std::byte> bytes) override { return connection_->write(bytes); }
  // Everything is on its way as soon as it is written.
  StreamResult<void> flush() override {
    auto permit = connection_->check_write();
    if (!permit) return std::unexpected(std::move(permit).error());
    return {};
  }
  std::shared_ptr<host::Pollable> readiness() override { return std::make_shared<WriteReadiness>(connection_); }

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace

wasi::StreamError stream_error(ErrorCode code) {
  return wasi::LastOperationFailed{std::make_unique<SocketError>(code)};
}

Connection::~Connection() {
  if (unsent_.empty() && !abandoned_) return;
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_->fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

StreamResult<std::vector<std::byte>> Connection::read(std::uint64_t max) {
  if (!reading_) return std::unexpected(Closed{});
  if (max == 0) return {};
  // Received here first, so that nothing is allocated for what may not come.
  static thread_local std::array<std::byte, wasi::max_read_bytes> buffer;
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(max, buffer.size()));
  const ssize_t got = recv(socket_->fd(), buffer.data(), most, 0);
  if (got > 0) return std::vector<std::byte>(buffer.data(), buffer.data() + got);
  const int error = errno;
  if (got < 0 && (error == EAGAIN || error == EINTR)) return {};
  reading_ = false;
  if (got == 0) return std::unexpected(Closed{});
  return std::unexpected(stream_error(error_code_of(error)));
}

StreamResult<std::uint64_t> Connection::check_write() {
  if (write_error_) return std::unexpected(stream_error(*std::exchange(write_error_, std::nullopt)));
  if (!writing_) return std::unexpected(Closed{});
  return unsent_.empty() && socket_->writable() ? wasi::max_write_permit : 0;
}

StreamResult<void> Connection::write(std::span<const std::byte> bytes) {
  const std::size_t sent = send(bytes);
  if (write_error_) return std::unexpected(stream_error(*std::exchange(write_error_, std::nullopt)));
  if (!writing_) return std::unexpected(Closed{});
  if (sent == bytes.size()) return {};
  unsent_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(sent), bytes.end());
  send_rest();
  return {};
}

std::size_t Connection::send(std::span<const std::byte> bytes) {
  std::size_t sent = 0;
  while (sending_ && sent < bytes.size()) {
    const ssize_t put = ::send(socket_->fd(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) break;
    if (put < 0) {
      fail_writing(errno);
      break;
    }
    sent += static_cast<std::size_t>(put);
  }
  return sent;
}

void Connection::send_rest() {
  const std::size_t sent = send(unsent_);
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(std::min(sent, unsent_.size())));
  if (!unsent_.empty()) {
    socket_->call_when_writable([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->send_rest();
    });
    return;
  }
  if (!writing_) finish_sending();
}

void Connection::fail_writing(int error) {
  // The peer takes no more: the end of a stream, and no failure of this operation.
  if (error != EPIPE && writing_) write_error_ = error_code_of(error);
  unsent_.clear();
  writing_ = sending_ = false;
  told(error);
}

void Connection::finish_sending() {
  if (std::exchange(sending_, false)) ::shutdown(socket_->fd(), SHUT_WR);
  told(0);
}

void Connection::told(int error) {
  const auto done = std::exchange(on_sent_, nullptr);
  if (const auto outgoing = outgoing_.lock()) outgoing->remove(*this);
  if (done) done(error);
}

void Connection::abandon() {
  abandoned_ = true;
  unsent_.clear();
  writing_ = sending_ = false;
}

void Connection::shutdown(ShutdownType type) {
  if (type != ShutdownType::send && std::exchange(reading_, false)) ::shutdown(socket_->fd(), SHUT_RD);
  if (type == ShutdownType::receive || !std::exchange(writing_, false)) return;
  if (unsent_.empty()) finish_sending();
}

void Connection::leave() {
  shutdown(ShutdownType::send);
  write_error_.reset();
  if (unsent_.empty()) return;
  if (const auto outgoing = outgoing_.lock()) outgoing->add(shared_from_this());
}

Outgoing::~Outgoing() {
  while (!senders_.empty()) {
    Sender& sender = senders_.front();
    senders_.pop_front();
    sender.cut();
  }
}

std::unique_ptr<wasi::InputStream> input_of(std::shared_ptr<Connection> connection) {
  return std::make_unique<Input>(std::move(connection));
}

std::unique_ptr<wasi::OutputStream> output_of(std::shared_ptr<Connection> connection) {
  return std::make_unique<Output>(std::move(connection));
}

}  // namespace weft::wasi_sockets
