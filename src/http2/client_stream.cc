// One exchange: a request and its response, on a stream.
#include "http2/client_stream.h"

#include <algorithm>

#include "http/client_head.h"
#include "http2/client_session.h"

namespace weft::http2 {

using http::ClientError;
using http::ClientExchange;
using http::ClientFault;
using http::from_now;

ClientStream& ClientSession::begin(std::shared_ptr<ClientExchange> exchange, ClientStream::Waiter& waiter) {
  auto made = std::make_unique<ClientStream>();
  ClientStream& stream = *made;
  stream.at = streams_.size();
  stream.exchange = std::move(exchange);
  stream.waiter = &waiter;
  stream.in.pipe = &stream.exchange->response_body();
  stream.out.pipe = &stream.exchange->request_body();
  streams_.push_back(std::move(made));
  const auto tell = [this, &stream] { touch(stream); };
  stream.exchange->request_body().on_readable = tell;
  stream.exchange->response_body().on_writable = tell;
  stream.exchange->set_interrupt([this, &stream] { on_interrupt(stream); });
  submit(stream);
  return stream;
}

void ClientSession::submit(ClientStream& stream) {
  const http::ClientRequest& request = stream.exchange->request();
  const http::BodyPipe& body = stream.exchange->request_body();
  const bool whole = body.finished() && !body.trailers();
  const std::string authority = request.authority.empty() ? request.origin.authority() : request.authority;
  const std::string path =
      request.path_with_query.starts_with('/') ? request.path_with_query : "/" + request.path_with_query;
  list_.clear();
  list_.add(":method", request.method);
  list_.add(":scheme", request.origin.scheme());
  list_.add(":authority", authority);
  list_.add(":path", path);
  bool trailers = false;
  for (std::size_t i = 0; i < request.fields.size(); ++i) {
    const auto [name, value] = request.fields[i];
    if (http::equal_names(name, "te")) trailers = trailers || http::lists_token(value, "trailers");
    if (!http::is_clients_own(name)) list_.add(name, value);
  }
  if (trailers) list_.add("te", "trailers");
  stream.out.length = http::request_framing(request, whole, body.size()).content_length;
  if (stream.out.length) list_.add("content-length", *stream.out.length);
  const bool has_body = !(whole && body.size() == 0);
  stream.out.held = has_body && http::expects_continue(request);
  const nghttp2_data_provider provider = provider_of(stream.out);
  stream.id =
      nghttp2_submit_request(h2(), nullptr, list_.data(), list_.size(), has_body ? &provider : nullptr, &stream);
  if (stream.id < 0) {
    const int error = stream.id;
    stream.closed = true;  // it never was
    stream.error = NGHTTP2_REFUSED_STREAM;
    touch(stream);
    return fail(stream, ClientFault::connection_terminated, nghttp2_strerror(error));
  }
  if (stream.out.held) stream.write_deadline = from_now(http::continue_timeout);
  set_deadlines(stream);
}

void ClientSession::serve(ClientStream& stream) {
  if (stream.waiter != nullptr) respond(stream);
  if (stream.closed) return end(stream);
  if (stream.reset) return;
  if (stream.waiter == nullptr) return reset(stream);
  if (stream.out.pipe->failed()) {
    return fail(stream, ClientFault::request_aborted, stream.out.pipe->abort_reason());
  }
  if (stream.in.pipe->cancelled()) return fail(stream, ClientFault::cancelled);
  if (stream.out.has_news()) {
    stream.out.waiting = false;
    nghttp2_session_resume_data(h2(), stream.id);
  }
  if (const std::uint32_t taken = stream.in.take_credit(); taken > 0) {
    stream.news = true;
    nghttp2_session_consume(h2(), stream.id, taken);
  }
  set_deadlines(stream);
}

// What came, to whoever asked.
void ClientSession::respond(ClientStream& stream) {
  ClientExchange& exchange = *stream.exchange;
  if (stream.malformed) return fail(stream, ClientFault::response_malformed, "too many interim responses, or 101");
  if (stream.reader.error()) return conclude(stream, stream.reader.error());
  // The body's end is there before the reader is told of the head.
  const bool complete = stream.head_complete && stream.in.ended;
  if (complete) {
    auto& trailers = stream.reader.trailers();
    exchange.response_body().finish(trailers && !trailers->empty() ? std::move(trailers) : std::nullopt);
  }
  if (stream.head_complete && !std::exchange(stream.responded, true)) {
    stream.news = true;
    exchange.respond(std::move(stream.reader.head()));
  }
  // Nobody takes the rest of a request that is answered.
  if (complete) return conclude(stream, std::nullopt);
  if (!stream.closed) return;
  const std::string detail = nghttp2_http2_strerror(stream.error);
  if (stream.responded)
    fail(stream, ClientFault::response_incomplete, detail);
  else if (stream.out.fault != nullptr)
    fail(stream, ClientFault::request_aborted, stream.out.fault);
  else if (stream.error == NGHTTP2_PROTOCOL_ERROR && !stream.reset_by_peer)
    fail(stream, ClientFault::response_malformed);
  else
    fail(stream, ClientFault::connection_terminated, detail);
}

void ClientSession::fail(ClientStream& stream, ClientFault fault, std::string detail) {
  conclude(stream, ClientError{fault, std::move(detail)});
}

void ClientSession::conclude(ClientStream& stream, std::optional<ClientError> error) {
  if (stream.waiter == nullptr) return;
  ClientExchange& exchange = *stream.exchange;
  exchange.request_body().on_readable = nullptr;
  exchange.response_body().on_writable = nullptr;
  exchange.set_interrupt(nullptr);
  exchange.set_deadline(ClientExchange::never);
  // Refused, or above the last stream of a GOAWAY: the server has done nothing about it (RFC 9113, 8.7).
  const bool refused = stream.closed && stream.error == NGHTTP2_REFUSED_STREAM;
  Outcome outcome{.error = std::move(error)};
  outcome.closed_before_response = !stream.responded && (refused || !is_open());
  outcome.nothing_sent = refused || !stream.head_sent;
  if (!stream.sent && !outcome.closed_before_response) exchange.request_body().cancel();
  stream.waiter->outcome = std::move(outcome);
  std::exchange(stream.waiter, nullptr)->event.notify();
  if (!stream.closed && is_open()) touch(stream);
}

void ClientSession::reset(ClientStream& stream) {
  if (std::exchange(stream.reset, true)) return;
  // A response that is complete ends its stream by itself, once the request is.
  if (stream.in.ended && stream.sent) return;
  nghttp2_submit_rst_stream(h2(), NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
}

void ClientSession::end(ClientStream& stream) {
  const std::unique_ptr<ClientStream> ended = std::move(streams_[stream.at]);
  if (ended->at + 1 < streams_.size()) {
    streams_[ended->at] = std::move(streams_.back());
    streams_[ended->at]->at = ended->at;
  }
  streams_.pop_back();
  // Who took the end of a body touched it once more.
  if (ended->touched) std::erase(touched_, ended.get());
  if (!is_open()) return;
  if (const std::uint32_t rest = ended->in.take_rest(); rest > 0) nghttp2_session_consume_connection(h2(), rest);
}

// ---- time ----

void ClientSession::set_deadlines(ClientStream& stream) {
  if (stream.waiter == nullptr) return;
  const http::ClientTimeouts& timeouts = stream.exchange->request().timeouts;
  if (!stream.out.held) {
    const bool pending = !stream.sent && stream.out.pipe->size() > 0;
    if (!pending)
      stream.write_deadline = ClientExchange::never;
    else if (stream.write_deadline == ClientExchange::never || stream.out.sent != stream.sent_at_look)
      stream.write_deadline = from_now(timeouts.between_bytes);
    stream.sent_at_look = stream.out.sent;
  }
  if (!stream.responded) {
    if (stream.sent && stream.read_deadline == ClientExchange::never)
      stream.read_deadline = from_now(timeouts.first_byte);
  } else if (stream.in.pipe->size() > 0) {
    stream.read_deadline = ClientExchange::never;  // the reader decides how long; its own limits apply
  } else if (std::exchange(stream.news, false) || stream.read_deadline == ClientExchange::never) {
    stream.read_deadline = from_now(timeouts.between_bytes);
  }
  stream.exchange->set_deadline(std::min(stream.read_deadline, stream.write_deadline));
}

void ClientSession::on_interrupt(ClientStream& stream) {
  act([&] {
    if (stream.waiter == nullptr) return;
    if (stream.exchange->cancelled()) return fail(stream, ClientFault::cancelled);
    if (!stream.exchange->take_expired()) return;
    const Time at = std::chrono::steady_clock::now();
    if (stream.write_deadline <= at && stream.out.held) {
      // Many servers never say "100 Continue".
      stream.out.held = false;
      stream.write_deadline = ClientExchange::never;
      touch(stream);
    } else if (stream.write_deadline <= at && stream.out.sent == stream.sent_at_look) {
      fail(stream, ClientFault::write_timeout);
    } else if (stream.read_deadline <= at) {
      fail(stream, ClientFault::read_timeout);
    } else {
      set_deadlines(stream);
    }
  });
}

}  // namespace weft::http2
