// One request and its response, on a stream.
#include "http2/server_stream.h"

#include <string>

#include "http/response_writer.h"
#include "http2/server_session.h"
#include "util/error.h"

namespace weft::http2 {
namespace {

// Exchanges that a connection keeps for its next requests, and what each head may keep.
constexpr std::size_t max_spare = 4;
constexpr std::size_t kept_head = 4 << 10;

void stop_listening(http::Exchange& exchange) {
  exchange.on_response = nullptr;
  exchange.response_body().on_readable = nullptr;
  exchange.request_body().on_writable = nullptr;
}

// What the handler holds by its callbacks, the exchange perhaps, is let go.
void let_go(http::Exchange& exchange) {
  exchange.request_body().abort("the request is over", http::BodyFault::cancelled);
  exchange.on_client_gone = nullptr;
  exchange.request_body().on_readable = nullptr;
  exchange.response_body().on_writable = nullptr;
}

}  // namespace

std::shared_ptr<http::Exchange> ServerSession::take_exchange() {
  if (!spare_.empty()) {
    auto exchange = std::move(spare_.back());
    spare_.pop_back();
    return exchange;
  }
  http::RequestHead head;
  head.scheme = transport().scheme();
  head.client_address = client_address_;
  head.version_major = 2;
  head.version_minor = 0;
  return std::make_shared<http::Exchange>(std::move(head));
}

void ServerSession::keep_exchange(std::shared_ptr<http::Exchange> exchange) {
  http::RequestHead& request = exchange->request();
  if (exchange.use_count() != 1 || spare_.size() >= max_spare ||
      request.path_with_query.size() + request.fields.kept_bytes() > kept_head ||
      exchange->response().fields.kept_bytes() > kept_head) {
    return;
  }
  exchange->reset();
  request.method.clear();
  request.authority.clear();
  request.path_with_query.clear();
  request.fields.clear();
  spare_.push_back(std::move(exchange));
}

void ServerSession::request_ended(ServerStream& stream) {
  stream.in.ended = true;
  if (stream.trailers_too_large) {
    stream.body_refusal = {431, "trailers too large"};
    stream.body_fault = http::BodyFault::trailers_too_large;
    return touch(stream);
  }
  const bool any = stream.trailers && !stream.trailers->empty();
  stream.in.pipe->finish(any ? std::move(stream.trailers) : std::nullopt);
}

void ServerSession::serve(ServerStream& stream) {
  if (stream.closed) return end(stream);
  if (!stream.head_complete || stream.reset) return;
  if (!stream.begun) begin(stream);
  if (stream.body_refusal && !stream.body_refused) refuse_body(stream, *stream.body_refusal, stream.body_fault);
  if (!stream.submitted) {
    say_informational(stream);
    if (stream.exchange->responded()) respond(stream);
  } else if (stream.out.has_news()) {
    stream.out.waiting = false;
    nghttp2_session_resume_data(h2(), stream.id);
  }
  if (stream.sent && !stream.in.ended && !stream.in.pipe->cancelled()) {
    stream.in.pipe->abort("the response is complete", http::BodyFault::cancelled);
    stream.in.pipe->cancel();
  }
  credit(stream);
}

// The client may send as much as was taken. Of a body that nobody wants it may send a little, for then the response
// reaches more clients than if its stream were reset.
void ServerSession::credit(ServerStream& stream) {
  if (stream.in.discarded > owner_.limits().drained_body_bytes) {
    if (stream.sent && !stream.in.ended) reset(stream, NGHTTP2_NO_ERROR);
    return;
  }
  const std::uint32_t taken = stream.in.take_credit();
  if (taken == 0) return;
  stream.read_since = now();
  nghttp2_session_consume(h2(), stream.id, taken);
}

void ServerSession::begin(ServerStream& stream) {
  stream.begun = true;
  stream.is_head = stream.exchange->request().method == "HEAD";
  if (stream.refusal) return refuse(stream, *stream.refusal);
  const auto exchange = stream.exchange;
  std::string fault;
  try {
    owner_.handler().handle(exchange);
  } catch (...) {
    fault = what_of(std::current_exception());
  }
  if (!fault.empty()) {
    owner_.log("a request's handler failed: " + fault);
    if (exchange->responded())
      exchange->response_body().abort(fault);
    else
      exchange->respond({.status = 500, .fields = {}}, {});
  }
  if (stream.in.ended && exchange->responded() && exchange->response_body().ended()) return;
  listen(stream);
  say_continue(stream);
}

void ServerSession::listen(ServerStream& stream) {
  const auto tell = [this, &stream] { touch(stream); };
  stream.exchange->on_response = tell;
  stream.exchange->response_body().on_readable = tell;
  stream.exchange->request_body().on_writable = tell;
}

void ServerSession::say_continue(ServerStream& stream) {
  if (!stream.reader.expects_continue() || stream.in.ended || stream.in.received > 0) return;
  if (stream.exchange->responded() || stream.in.pipe->cancelled()) return;
  list_.clear();
  list_.add(":status", "100");
  nghttp2_submit_headers(h2(), NGHTTP2_FLAG_NONE, stream.id, nullptr, list_.data(), list_.size(), nullptr);
}

void ServerSession::say_informational(ServerStream& stream) {
  for (const http::ResponseHead& head : stream.exchange->take_informational()) {
    list_.clear();
    list_.add(":status", head.status);
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
      const auto [name, value] = head.fields[i];
      if (!http::is_connections_own(name)) list_.add(name, value);
    }
    nghttp2_submit_headers(h2(), NGHTTP2_FLAG_NONE, stream.id, nullptr, list_.data(), list_.size(), nullptr);
  }
}

void ServerSession::respond(ServerStream& stream) {
  const http::ResponseHead& head = stream.exchange->response();
  const http::BodyPipe& body = stream.exchange->response_body();
  const char* fault = http::fault_of(head);
  if (fault != nullptr) owner_.log(std::string("a response cannot be sent: ") + fault);
  if (fault == nullptr && !body.failed())
    return submit(stream, head, !stream.is_head && !http::is_bodiless(head.status));
  // Nothing of it was sent: the client can still be told.
  submit(stream, {.status = 500, .fields = {}}, false);
}

void ServerSession::submit(ServerStream& stream, const http::ResponseHead& head, bool has_body) {
  http::BodyPipe& body = stream.exchange->response_body();
  stream.submitted = true;
  stream.write_since = now();
  stream.out.pipe = &body;
  list_.clear();
  list_.add(":status", head.status);
  bool has_date = false;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto [name, value] = head.fields[i];
    if (name.size() == 4 && http::equal_names(name, "date")) has_date = true;
    if (http::is_connections_own(name)) {
      if (!body.finished() && http::equal_names(name, "content-length")) stream.out.length = http::parse_length(value);
      continue;
    }
    list_.add(name, value);
  }
  if (body.finished() && (has_body || stream.is_head)) stream.out.length = body.size();
  if (stream.out.length && !http::is_bodiless(head.status)) list_.add("content-length", *stream.out.length);
  if (!has_date) list_.add("date", owner_.date());
  const bool sends = has_body && !(body.at_end() && !body.trailers());
  if (!has_body) body.cancel();
  const nghttp2_data_provider provider = provider_of(stream.out);
  if (nghttp2_submit_response(h2(), stream.id, list_.data(), list_.size(), sends ? &provider : nullptr) != 0) {
    reset(stream, NGHTTP2_INTERNAL_ERROR);
  }
}

// In the handler's place.
void ServerSession::refuse(ServerStream& stream, http::Refusal refusal) {
  http::ResponseHead head{.status = refusal.status, .fields = {}};
  head.fields.append("content-type", "text/plain; charset=utf-8");
  stream.exchange->request_body().cancel();
  stream.exchange->respond(std::move(head), std::string(refusal.why) + "\n");
}

void ServerSession::refuse_body(ServerStream& stream, http::Refusal refusal, http::BodyFault fault) {
  stream.body_refused = true;
  stream.in.pipe->abort(refusal.why, fault);
  if (stream.submitted || stream.exchange->responded()) return;
  const auto of_handler = std::move(stream.exchange);
  stop_listening(*of_handler);
  of_handler->set_client_gone();
  let_go(*of_handler);
  stream.exchange = take_exchange();
  stream.in.pipe = &stream.exchange->request_body();
  refuse(stream, refusal);
}

void ServerSession::reset(ServerStream& stream, std::uint32_t error) {
  if (std::exchange(stream.reset, true)) return;
  nghttp2_submit_rst_stream(h2(), NGHTTP2_FLAG_NONE, stream.id, error);
  wake();
}

void ServerSession::end(ServerStream& stream) {
  const std::unique_ptr<ServerStream> ended = std::move(streams_[stream.at]);
  if (ended->at + 1 < streams_.size()) {
    streams_[ended->at] = std::move(streams_.back());
    streams_[ended->at]->at = ended->at;
  }
  streams_.pop_back();
  if (ended->touched) std::erase(touched_, ended.get());
  stop_listening(*ended->exchange);
  if (is_open()) {
    if (const std::uint32_t rest = ended->in.take_rest(); rest > 0) nghttp2_session_consume_connection(h2(), rest);
  }
  if (ended->out.fault != nullptr && *ended->out.fault != '\0') {
    owner_.log(std::string("a response's end is lost: ") + ended->out.fault);
  }
  if (!ended->sent) {
    if (is_open() && ended->out.fault == nullptr) count_early_end();
    if (ended->begun) ended->exchange->set_client_gone();
  }
  let_go(*ended->exchange);
  keep_exchange(std::move(ended->exchange));
}

}  // namespace weft::http2
