#include "wasi_sockets/p3_connection.h"

#include <boost/asio/error.hpp>
#include <chrono>
#include <tuple>
#include <utility>

#include "util/timer.h"

namespace weft::wasi_sockets::p3 {
namespace {

using namespace std::chrono_literals;
using Settled = bind::Settable<Outcome>::Ref;

// A peer that sends nothing for so long holds no connection of an instance that has ended.
constexpr auto max_silence_alone = 10min;
// Until it is tried again whether there is room for another socket.
constexpr auto pause_without_room = 50ms;
// Connections that ended before they were accepted, passed over in one go.
constexpr int max_passed_over = 64;

Outcome outcome_of(const wasi::StreamError& error) {
  const auto* failed = std::get_if<wasi::LastOperationFailed>(&error);
  if (failed == nullptr) return {};
  const auto* of_socket = dynamic_cast<const SocketError*>(failed->value.get());
  return std::unexpected(converted(of_socket == nullptr ? wasi_sockets::ErrorCode::unknown : of_socket->code()));
}

// What a peer sends: read when somebody wants it.
class Incoming final : public bind::ByteSource, host::Waker {
 public:
  // `connection` null: there is nothing.
  Incoming(Loop& loop, std::shared_ptr<Connection> connection, Settled outcome)
      : connection_(std::move(connection)), outcome_(std::move(outcome)), silence_(loop) {}

  std::string_view front() const override {
    look();
    return {reinterpret_cast<const char*>(piece_.data()) + at_, piece_.size() - at_};
  }
  bool ended() const override {
    look();
    return connection_ == nullptr;
  }
  void consume(std::size_t bytes) override { at_ += bytes; }
  void cancel() override {
    if (connection_ == nullptr) return;
    connection_->shutdown(ShutdownType::receive);
    end({});
  }

 private:
  void wake() noexcept override {
    waiting_ = false;
    changed();
  }
  // What is there stays the same until changed() says otherwise: who has seen that there is nothing does not look
  // again.
  void look() const {
    if (connection_ == nullptr || at_ < piece_.size() || waiting_) return;
    at_ = 0;
    piece_.clear();
    auto read = connection_->read(wasi::max_read_bytes);
    if (!read)
      end(outcome_of(read.error()));
    else if (read->empty())
      self_->wait();
    else
      piece_ = *std::move(read);
  }
  void wait() {
    waiting_ = true;
    subscription_.subscribe(connection_->socket().when_readable(), *this);
    if (!attached()) limit_silence();
  }
  // Nobody of the instance has it: the instance may end before it does.
  void limit_silence() {
    silence_.expires_after(max_silence_alone);
    silence_.async_wait([self = boost::intrusive_ptr<Incoming>(this)](boost::system::error_code error) {
      if (error || self->connection_ == nullptr) return;
      if (self->connection_->outgoing() != nullptr) return self->limit_silence();
      self->end(std::unexpected(ErrorCode(Case<"timeout">{})));
      self->changed();
    });
  }
  void end(Outcome outcome) const {
    silence_.cancel();
    subscription_.unsubscribe();
    connection_ = nullptr;
    outcome_->set(std::move(outcome));
  }

  mutable std::shared_ptr<Connection> connection_;  // null at its end
  const Settled outcome_;
  mutable Timer silence_;
  mutable host::Subscription subscription_;
  mutable std::vector<std::byte> piece_;
  mutable std::size_t at_ = 0;
  bool waiting_ = false;
  Incoming* const self_ = this;  // looking begins to wait
};

// What goes to a peer. Of what the kernel does not take at once the connection keeps the rest.
class Transmission final : public bind::ByteSink, public Sender, host::Waker {
 public:
  explicit Transmission(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  std::size_t room() const override { return connection_->takes() ? wasi::max_write_permit : 0; }
  bool closed() const override { return !connection_->writing(); }
  void write(std::string_view bytes) override {
    // What went wrong is the outcome.
    std::ignore = connection_->write(std::as_bytes(std::span(bytes)));
    if (connection_->writing() && !connection_->takes())
      subscription_.subscribe(connection_->socket().when_writable(), *this);
  }
  void end(task::LetGo) override { connection_->leave(); }
  void cut() override {
    connection_->abandon();
    changed();
  }

 private:
  void wake() noexcept override { changed(); }

  const std::shared_ptr<Connection> connection_;
  host::Subscription subscription_;
};

// Connections, accepted when somebody wants them.
class Arrivals final : public SocketSource, host::Waker {
 public:
  Arrivals(Loop& loop, std::shared_ptr<TcpState> listener, Access& access)
      : listener_(std::move(listener)), access_(access), pause_(loop) {}

  bool ready() const override { return self_->look(); }
  std::optional<bind::Own<TcpSocket>> next() override {
    // None only at the end, of which there is none.
    return std::exchange(next_, nullptr);
  }
  void cancel() override {
    pause_.cancel();
    subscription_.unsubscribe();
    next_ = nullptr;
    listener_ = nullptr;
  }

 private:
  void wake() noexcept override { look_again(); }
  void look_again() {
    waiting_ = false;
    changed();
  }
  // As Incoming::look.
  bool look() {
    if (waiting_) return false;
    for (int i = 0; next_ == nullptr && i < max_passed_over; ++i) {
      auto accepted = listener_->accept(access_);
      if (accepted) {
        next_ = *std::move(accepted);
        break;
      }
      switch (accepted.error()) {
        case wasi_sockets::ErrorCode::connection_aborted:
        case wasi_sockets::ErrorCode::access_denied:  // by the machine's own rules
          continue;
        case wasi_sockets::ErrorCode::would_block:
          waiting_ = true;
          subscription_.subscribe(listener_->signal(), *this);
          return false;
        default:
          return wait_for_room();
      }
    }
    return next_ != nullptr || wait_for_room();
  }
  // Who connects waits in the kernel's queue.
  bool wait_for_room() {
    waiting_ = true;
    pause_.expires_after(pause_without_room);
    pause_.async_wait([self = boost::intrusive_ptr<Arrivals>(this)](boost::system::error_code error) {
      if (!error) self->look_again();
    });
    return false;
  }

  std::shared_ptr<TcpState> listener_;  // null at its end
  Access& access_;                      // used only while a guest reads
  Timer pause_;
  host::Subscription subscription_;
  bind::Own<TcpSocket> next_;
  bool waiting_ = false;
  Arrivals* const self_ = this;  // looking accepts, or begins to wait
};

}  // namespace

std::tuple<Bytes, bind::Future<Outcome>> receive(Loop& loop, SocketResult<std::shared_ptr<Connection>> connection) {
  const Settled outcome(new bind::Settable<Outcome>());
  if (!connection) outcome->set(std::unexpected(converted(connection.error())));
  return {Bytes(bind::ByteSource::Ref(new Incoming(loop, connection ? *std::move(connection) : nullptr, outcome))),
          bind::Future<Outcome>(outcome)};
}

bind::Future<Outcome> send(SocketResult<std::shared_ptr<Connection>> connection, Bytes data) {
  const Settled outcome(new bind::Settable<Outcome>());
  if (!connection) {
    outcome->set(std::unexpected(converted(connection.error())));
    return bind::Future<Outcome>(outcome);
  }
  (*connection)->when_sent([outcome](int error) {
    if (error == 0)
      outcome->set({});
    else
      outcome->set(std::unexpected(write_error_of(error)));
  });
  const boost::intrusive_ptr<Transmission> sink(new Transmission(*connection));
  if (const auto outgoing = (*connection)->outgoing()) outgoing->add(*sink);
  std::move(data).read_with(sink);
  return bind::Future<Outcome>(outcome);
}

SocketSource::Ref arrivals(Loop& loop, std::shared_ptr<TcpState> listener, Access& access) {
  return SocketSource::Ref(new Arrivals(loop, std::move(listener), access));
}

}  // namespace weft::wasi_sockets::p3
