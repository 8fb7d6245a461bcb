// One request after the other, and the response to each.
#include <algorithm>
#include <string>

#include "http/connection.h"
#include "util/error.h"

namespace weft::http {
namespace {

// Memory a connection keeps from one request to the next: for what was received, and for each head.
constexpr std::size_t kept_buffer = 16 << 10;
constexpr std::size_t kept_head = 4 << 10;
// A piece of a body up to this size is copied behind its head: one system call with one buffer.
constexpr std::size_t copied_piece = 16 << 10;
// Answers to pipelined requests are sent together, but not more than this.
constexpr std::size_t output_together = 64 << 10;

// What HTTP/2 begins with, as far as HTTP/1.x would take it for a request (RFC 9113, 3.4).
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\n";

bool is_worth_keeping(Exchange& exchange) {
  const RequestHead& request = exchange.request();
  return request.path_with_query.size() + request.fields.kept_bytes() <= kept_head &&
         exchange.response().fields.kept_bytes() <= kept_head;
}

}  // namespace

// ---- requests ----

bool Connection::next_request() {
  // A client that takes no answers gets no more of them.
  if (writing_ || (output_.size() >= output_together && !flush())) return false;
  const auto head = scanner_.scan(buffer_.view(), owner_.limits());
  if (head && !*head) return wait_for_head();
  if (!head) {
    refuse(head.error());
    return true;
  }
  if (exchange_ == nullptr) {
    RequestHead empty;
    empty.scheme = transport_->scheme();
    empty.client_address = client_address_;
    exchange_ = std::make_shared<Exchange>(std::move(empty));
  }
  const auto framing = parse_request(**head, owner_.limits(), exchange_->request());
  if (!framing && begins_http2(**head)) {
    give_to_http2();
    return false;
  }
  buffer_.consume(static_cast<std::size_t>((*head)->end() - buffer_.view().begin()));
  scanner_.reset();
  if (framing)
    begin(*framing);
  else
    refuse(framing.error());
  return true;
}

// Under TLS a client chooses in the handshake; one that did not has chosen HTTP/1.1.
bool Connection::begins_http2(std::string_view head) const {
  return is_first_ && head == http2_preface && buffer_.view().starts_with(head) && transport_->scheme() == "http" &&
         owner_.speaks_http2();
}

bool Connection::wait_for_head() {
  if (!buffer_.view().empty()) {
    if (stage_ != Stage::head) read_deadline_ = in(owner_.limits().head_timeout);
    stage_ = Stage::head;
  } else if (stage_ == Stage::idle && owner_.draining()) {
    finish(Linger::no);
    return true;
  }
  if (flush() && stage_ == Stage::idle && !reading_) {
    output_.shrink();
    if (buffer_.capacity() > kept_buffer) buffer_.release();
  }
  read_on();
  return false;
}

void Connection::begin(const ParsedFraming& framing) {
  stage_ = Stage::serving;
  is_first_ = false;
  read_deadline_ = TimePoint::max();
  const RequestHead& head = exchange_->request();
  terms_ = {.is_head = head.method == "HEAD", .version_minor = head.version_minor, .keep_alive = framing.keep_alive};
  decoder_ = BodyDecoder(framing.body, framing.length);
  discarded_ = 0;
  response_begun_ = false;
  refusal_.reset();
  if (decoder_.done())
    exchange_->request_body().finish();
  else
    feed();
  continue_pending_ = framing.expects_continue && !decoder_.done() && decoder_.received() == 0;
  if (!refusal_) call_handler();
}

void Connection::call_handler() {
  const auto exchange = exchange_;
  std::string fault;
  try {
    owner_.handler().handle(exchange);
  } catch (...) {
    fault = what_of(std::current_exception());
  }
  if (stage_ != Stage::serving) return;
  if (!fault.empty()) {
    owner_.log("a request's handler failed: " + fault);
    if (exchange->responded())
      exchange->response_body().abort(fault);
    else
      exchange->respond({.status = 500, .fields = {}}, {});
  }
  if (decoder_.done() && exchange->responded() && exchange->response_body().ended()) return;
  exchange->on_response = [this] { wake(); };
  exchange->response_body().on_readable = [this] { wake(); };
  exchange->request_body().on_writable = [this] { wake(); };
}

void Connection::feed() {
  if (decoder_.done() || refusal_) return;
  BodyPipe& pipe = exchange_->request_body();
  const auto used = decoder_.feed(buffer_.view(), pipe);
  if (decoder_.received() > owner_.limits().body_bytes) {
    return refuse_body({413, "body too large"}, BodyFault::too_large);
  }
  if (!used) return refuse_body({400, used.error().why}, used.error().fault);
  buffer_.consume(*used);
  if (pipe.cancelled()) discarded_ += *used;
}

void Connection::refuse_body(Refusal refusal, BodyFault fault) {
  refusal_ = refusal;
  exchange_->request_body().abort(refusal.why, fault);
}

void Connection::refuse(Refusal refusal) {
  if (stage_ == Stage::serving) exchange_->set_client_gone();
  end_exchange();
  ResponseHead head{.status = refusal.status, .fields = {}};
  head.fields.append("content-type", "text/plain; charset=utf-8");
  BodyPipe body;
  body.fill(std::string(refusal.why) + "\n");
  writer_.begin(head, body, {.keep_alive = false}, owner_.date(), output_.text());
  output_.text() += body.front();
  finish(Linger::yes);
}

// The connection can serve another request only when all of this one's body was read.
bool Connection::finish_request_body() {
  feed();
  const Limits& limits = owner_.limits();
  const bool stays = writer_.keeps_alive() && !refusal_ && !input_ended_;
  if (stays && decoder_.done()) {
    end_exchange();
    stage_ = Stage::idle;
    read_deadline_ = in(limits.idle_timeout);
    return true;
  }
  // A client that waits for "100 Continue" may send its body or not; one that has much to send is better served by a
  // new connection.
  if (!stays || continue_pending_ || discarded_ > limits.drained_body_bytes) {
    const Linger linger = decoder_.done() && buffer_.view().empty() ? Linger::no : Linger::yes;
    end_exchange();
    finish(linger);
    return true;
  }
  if (!writing_) flush();
  read_on();
  return false;
}

void Connection::end_exchange() {
  if (exchange_ == nullptr) return;
  exchange_->on_response = nullptr;
  exchange_->response_body().on_readable = nullptr;
  exchange_->request_body().on_writable = nullptr;
  exchange_->request_body().abort("the request is over", BodyFault::cancelled);
  // There is nothing more to tell. What the handler holds by its callbacks, the exchange perhaps, is let go.
  exchange_->on_client_gone = nullptr;
  exchange_->request_body().on_readable = nullptr;
  exchange_->response_body().on_writable = nullptr;
  if (exchange_.use_count() == 1 && is_worth_keeping(*exchange_))
    exchange_->reset();
  else
    exchange_ = nullptr;
}

// ---- responses ----

bool Connection::serve() {
  feed();
  if (!writing_) {
    if (!exchange_->responded() && refusal_) {
      refuse(*refusal_);
      return true;
    }
    say_continue();
    say_informational();
    if (exchange_->responded()) {
      if (!response_begun_) begin_response();
      if (send_body()) {
        complete_response();
        return true;
      }
    } else {
      flush();
    }
  }
  read_on();
  return false;
}

void Connection::say_continue() {
  if (!continue_pending_ || response_begun_ || exchange_->request_body().cancelled()) return;
  if (exchange_->responded() && exchange_->response_body().ended()) return;
  continue_pending_ = false;
  output_.text() += "HTTP/1.1 100 Continue\r\n\r\n";
}

void Connection::say_informational() {
  if (response_begun_) return;
  for (const ResponseHead& head : exchange_->take_informational()) append_informational(head, output_.text());
}

void Connection::begin_response() {
  response_begun_ = true;
  BodyPipe& body = exchange_->response_body();
  const bool is_long = decoder_.left() != UINT64_MAX && decoder_.left() > owner_.limits().drained_body_bytes;
  if (owner_.draining() || refusal_ || continue_pending_ || (is_long && body.ended())) terms_.keep_alive = false;
  const char* fault = fault_of(exchange_->response());
  if (fault != nullptr) owner_.log(std::string("a response cannot be sent: ") + fault);
  if (fault == nullptr && !body.failed()) {
    writer_.begin(exchange_->response(), body, terms_, owner_.date(), output_.text());
  } else {
    // Nothing of it was sent: the client can still be told.
    BodyPipe nothing;
    nothing.finish();
    ResponseTerms terms = terms_;
    terms.is_head = true;
    writer_.begin({.status = 500, .fields = {}}, nothing, terms, owner_.date(), output_.text());
  }
  if (!writer_.sends_body()) body.cancel();
}

// True: the response is complete.
bool Connection::send_body() {
  if (!writer_.sends_body()) return true;
  BodyPipe& body = exchange_->response_body();
  while (const std::size_t size = body.size()) {
    if ((output_.size() >= output_together || !output_.takes_piece()) && !flush()) return false;
    if (!writer_.before_piece(size, output_.text())) {
      owner_.log("a response's body is longer than its Content-Length");
      fail_response();
      return false;
    }
    if (size <= copied_piece) {
      output_.text() += body.front();
      body.consume(size);
    } else {
      body.take_all(piece_);
      output_.put_piece(piece_);
    }
    writer_.after_piece(output_.text());
  }
  if (!body.ended()) {
    flush();
    return false;
  }
  if (body.at_end()) {
    if (writer_.end(body.trailers(), output_.text())) return true;
    owner_.log("a response's body is shorter than its Content-Length");
  }
  fail_response();
  return false;
}

// The client must not take what it got for all there is.
void Connection::fail_response() {
  const bool looks_complete = writer_.ends_with_connection();
  flush();
  if (is_closed()) return;
  if (looks_complete) transport_->close_abruptly();
  close();
}

void Connection::complete_response() {
  stage_ = Stage::draining;
  if (decoder_.done()) return;
  read_deadline_ = in(owner_.limits().body_timeout);
  exchange_->request_body().abort("the response is complete", BodyFault::cancelled);
  exchange_->request_body().cancel();
}

}  // namespace weft::http
