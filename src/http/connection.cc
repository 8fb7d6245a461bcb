#include "http/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "util/coarse_clock.h"
#include "util/error.h"

namespace weft::http {
namespace {

// What is read at once: enough for the usual head, so that an idle connection has no more memory than that; more when
// more is known to come.
constexpr std::size_t small_read = 4 << 10;
constexpr std::size_t head_read = 16 << 10;
constexpr std::size_t large_read = 64 << 10;
// How long a client may take to see the end of the connection.
constexpr std::chrono::seconds linger_time{2};
// How long a client may take to send its first byte when the server is about to end.
constexpr std::chrono::seconds fresh_grace{1};

constexpr auto never = Connection::TimePoint::max();

}  // namespace

Connection::Connection(std::unique_ptr<Transport> transport, ConnectionOwner& owner, std::string client_address)
    : transport_(std::move(transport)), owner_(owner), client_address_(std::move(client_address)) {}

Connection::TimePoint Connection::in(std::chrono::milliseconds timeout) const {
  return coarse_now() + timeout;
}

void Connection::start() {
  read_deadline_ = in(owner_.limits().head_timeout);
  if (transport_->handshake(shared_from_this())) return;
  on_handshake(true);
}

void Connection::on_handshake(bool ok) {
  if (is_closed()) return;
  if (!ok) return close();
  stage_ = Stage::fresh;
  if (transport_->chose_http2() && owner_.speaks_http2()) return give_to_http2();
  advance();
}

void Connection::give_to_http2() {
  stage_ = Stage::closed;
  read_deadline_ = never;
  owner_.on_http2(*this, std::move(transport_), std::move(client_address_), std::string(buffer_.view()));
}

void Connection::wake() {
  if (wake_posted_) return;
  wake_posted_ = true;
  boost::asio::post(owner_.loop(), [self = shared_from_this()] {
    self->wake_posted_ = false;
    self->advance();
  });
}

void Connection::advance(void (Connection::*first)()) {
  try {
    if (first != nullptr) (this->*first)();
    while (step()) continue;
  } catch (...) {
    owner_.log("a connection ended by a fault: " + what_of(std::current_exception()));
    // Whoever threw is not asked again.
    if (exchange_ != nullptr) {
      exchange_->request_body().on_readable = nullptr;
      exchange_->response_body().on_writable = nullptr;
    }
    close();
  }
}

bool Connection::step() {
  switch (stage_) {
    case Stage::fresh:
    case Stage::idle:
    case Stage::head:
      return next_request();
    case Stage::serving:
      return serve();
    case Stage::draining:
      return finish_request_body();
    case Stage::closing:
      return flush() && stop_sending();
    case Stage::lingering:
      return linger();
    case Stage::ending:
      return end();
    case Stage::handshake:
    case Stage::closed:
      break;
  }
  return false;
}

// ---- bytes ----

bool Connection::wants_input() const {
  if (reading_ || input_ended_) return false;
  switch (stage_) {
    case Stage::fresh:
    case Stage::idle:
    case Stage::head:
    case Stage::lingering:
      return true;
    case Stage::serving:
    case Stage::draining:
      break;
    default:
      return false;
  }
  // Ahead of the next request, to notice a client that leaves.
  if (decoder_.done()) return buffer_.view().size() < small_read;
  if (refusal_) return false;
  const BodyPipe& pipe = exchange_->request_body();
  return pipe.cancelled() ? discarded_ <= owner_.limits().drained_body_bytes : pipe.writable() > 0;
}

void Connection::read_on() {
  if (!wants_input()) return;
  std::size_t size = small_read;
  if (stage_ == Stage::serving && !decoder_.done()) {
    size = static_cast<std::size_t>(std::clamp<std::uint64_t>(decoder_.left(), small_read, large_read));
    if (!exchange_->request_body().cancelled()) read_deadline_ = in(owner_.limits().body_timeout);
  } else if (stage_ == Stage::head) {
    size = head_read;
  }
  reading_ = true;
  transport_->read(buffer_.prepare(size), shared_from_this());
}

void Connection::on_read(std::size_t count) {
  reading_ = false;
  if (is_closed()) return;
  if (count == 0) {
    input_ended_ = true;
    return advance(&Connection::on_input_end);
  }
  buffer_.commit(count);
  if (stage_ == Stage::serving) read_deadline_ = never;
  advance();
}

void Connection::on_input_end() {
  switch (stage_) {
    case Stage::fresh:
    case Stage::idle:
    case Stage::head:
      return finish(Linger::no);
    case Stage::serving:
      // Who ended only this direction gets what is complete. Else nobody can tell it from one who has left.
      if (decoder_.done() && exchange_->responded() && exchange_->response_body().finished()) return;
      if (!decoder_.done()) exchange_->request_body().abort("the connection ended before the body did");
      return close();
    default:
      return;
  }
}

bool Connection::flush() {
  if (writing_ || is_closed()) return false;
  if (output_.empty()) return true;
  const auto sent = transport_->write_now(output_.parts());
  if (!sent) {
    close();
    return false;
  }
  output_.consume(*sent);
  if (output_.empty()) return true;
  write_on();
  return false;
}

void Connection::write_on() {
  writing_ = true;
  write_deadline_ = in(owner_.limits().write_timeout);
  unsent_ = transport_->unsent();
  transport_->write(output_.parts(), shared_from_this());
}

void Connection::on_written(std::size_t count) {
  writing_ = false;
  if (is_closed()) return;
  if (count == 0) return close();
  output_.consume(count);
  write_deadline_ = never;
  if (output_.empty())
    advance();
  else
    write_on();
}

// ---- ends ----

void Connection::finish(Linger linger) {
  stage_ = Stage::closing;
  linger_ = linger;
  read_deadline_ = never;
}

bool Connection::stop_sending() {
  read_deadline_ = coarse_now() + linger_time;
  if (linger_ == Linger::no || input_ended_) {
    stage_ = Stage::ending;
    return true;
  }
  stage_ = Stage::lingering;
  discarded_ = 0;
  transport_->half_close();
  return true;
}

bool Connection::linger() {
  discarded_ += buffer_.view().size();
  buffer_.consume(buffer_.view().size());
  if (input_ended_ || discarded_ > owner_.limits().drained_body_bytes) {
    stage_ = Stage::ending;
    return true;
  }
  read_on();
  return false;
}

bool Connection::end() {
  if (reading_) {
    transport_->cancel_read();
  } else if (!end_begun_) {
    end_begun_ = true;
    if (!transport_->end(shared_from_this())) close();
  }
  return false;
}

void Connection::on_ended() {
  close();
}

void Connection::close() {
  if (is_closed()) return;
  const bool is_serving = stage_ == Stage::serving;
  stage_ = Stage::closed;
  read_deadline_ = write_deadline_ = never;
  transport_->close();
  if (is_serving) exchange_->set_client_gone();
  end_exchange();
  owner_.on_closed(*this);
}

void Connection::drain() {
  switch (stage_) {
    case Stage::handshake:
      return close();
    case Stage::fresh:
      read_deadline_ = std::min(read_deadline_, coarse_now() + fresh_grace);
      return;
    case Stage::idle:
      // A request that the client has sent already is served.
      if (writing_ || !buffer_.view().empty() || transport_->has_input()) return;
      finish(Linger::no);
      return advance();
    default:
      return;
  }
}

void Connection::check_time(TimePoint now) {
  if (write_deadline_ <= now) {
    // The kernel asks for more only when a good part of its buffer is free: a slow client may have taken bytes.
    const std::size_t unsent = transport_->unsent();
    if (unsent >= unsent_) return close();
    unsent_ = unsent;
    write_deadline_ = now + owner_.limits().write_timeout;
  }
  if (read_deadline_ <= now) advance(&Connection::on_read_overdue);
}

void Connection::on_read_overdue() {
  read_deadline_ = never;
  switch (stage_) {
    case Stage::idle:
      return finish(Linger::no);
    case Stage::head:
      if (writing_) return close();
      return refuse({408, "the request did not arrive in time"});
    case Stage::serving:
      return refuse_body({408, "the body did not arrive in time"}, BodyFault::timed_out);
    case Stage::draining:
      end_exchange();
      return finish(Linger::yes);
    default:
      return close();
  }
}

}  // namespace weft::http
