#include "http2/server_session.h"

#include <algorithm>

#include "http/chunks.h"

namespace weft::http2 {
namespace {

constexpr auto never = ServerSession::TimePoint::max();

// How long a client may take to see that the server is about to end.
constexpr std::chrono::seconds drain_grace{1};

}  // namespace

ServerSession::ServerSession(std::unique_ptr<http::Transport> transport, http::ConnectionOwner& owner,
                             std::string client_address, std::string received, const Limits& limits)
    : Session(std::move(transport), owner.loop(), Side::server, limits,
              static_cast<std::uint32_t>(std::min<std::size_t>(owner.limits().head_bytes, UINT32_MAX))),
      owner_(owner),
      client_address_(std::move(client_address)),
      received_(std::move(received)) {}

ServerSession::~ServerSession() = default;

void ServerSession::start() {
  idle_deadline_ = coarse_now() + owner_.limits().head_timeout;
  open(received_);
  std::string().swap(received_);
}

void ServerSession::drain() {
  act([this] {
    if (!is_open() || draining_) return;
    draining_ = true;
    // First without a last stream: what the client has sent meanwhile is served (RFC 9113, 6.8).
    nghttp2_submit_shutdown_notice(h2());
    ask_for_answer();
    drain_deadline_ = now() + drain_grace;
  });
}

void ServerSession::on_closed() {
  owner_.on_closed(*this);
}

// ---- what came ----

ServerStream* ServerSession::find(std::int32_t stream) {
  return is_open() ? static_cast<ServerStream*>(nghttp2_session_get_stream_user_data(h2(), stream)) : nullptr;
}

void ServerSession::touch(ServerStream& stream) {
  if (!stream.touched) {
    stream.touched = true;
    touched_.push_back(&stream);
  }
  wake();
}

void ServerSession::on_head_begun(const nghttp2_frame& frame) {
  if (ServerStream* known = find(frame.hd.stream_id)) {
    known->trailers.emplace();
    return;
  }
  auto made = std::make_unique<ServerStream>();
  made->id = frame.hd.stream_id;
  made->at = streams_.size();
  made->exchange = take_exchange();
  made->in.pipe = &made->exchange->request_body();
  made->read_since = now();
  nghttp2_session_set_stream_user_data(h2(), made->id, made.get());
  streams_.push_back(std::move(made));
  idle_deadline_ = never;
}

void ServerSession::on_field(std::int32_t id, std::string_view name, std::string_view value) {
  ServerStream* stream = find(id);
  if (stream == nullptr) return;
  if (!stream->trailers) return stream->reader.add(name, value, owner_.limits(), stream->exchange->request());
  if (stream->trailers->bytes() + name.size() + value.size() > http::max_trailer_bytes ||
      stream->trailers->size() >= owner_.limits().fields)
    stream->trailers_too_large = true;
  else
    stream->trailers->append(name, value);
}

void ServerSession::on_frame(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  ServerStream* stream = find(frame.hd.stream_id);
  if (stream == nullptr) return;
  if (!stream->head_complete) {
    stream->head_complete = true;
    stream->refusal = stream->reader.finish(owner_.limits(), stream->exchange->request());
    touch(*stream);
  }
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) request_ended(*stream);
}

void ServerSession::on_data(std::int32_t id, std::string_view bytes) {
  ServerStream* stream = find(id);
  if (stream == nullptr) return;
  stream->read_since = now();
  if (!stream->body_refusal && stream->in.received + bytes.size() > owner_.limits().body_bytes) {
    stream->body_refusal = {413, "body too large"};
    stream->body_fault = http::BodyFault::too_large;
    stream->in.pipe->abort(stream->body_refusal->why, stream->body_fault);
  }
  stream->in.take(bytes);
  touch(*stream);
}

void ServerSession::on_stream_closed(std::int32_t id, std::uint32_t) {
  ServerStream* stream = find(id);
  if (stream == nullptr) return;
  stream->closed = true;
  touch(*stream);
}

void ServerSession::on_sent(const nghttp2_frame& frame) {
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  ServerStream* stream = find(frame.hd.stream_id);
  if (stream == nullptr) return;
  stream->sent = true;
  touch(*stream);
}

void ServerSession::on_answer() {
  answered_ = true;
}

void ServerSession::on_input_end() {
  for (const auto& stream : streams_) {
    // Who ended only this direction gets what is complete. Else nobody can tell it from one who has left.
    http::Exchange& exchange = *stream->exchange;
    if (!stream->in.ended || !exchange.responded() || !exchange.response_body().finished()) {
      reset(*stream, NGHTTP2_CANCEL);
    }
  }
}

// ---- what to do about it ----

void ServerSession::work() {
  while (!touched_.empty() && is_open()) {
    working_.swap(touched_);
    for (std::size_t i = 0; i < working_.size(); ++i) {
      working_[i]->touched = false;
      serve(*working_[i]);
    }
    working_.clear();
  }
  if (std::exchange(answered_, false) && draining_) drain_deadline_ = now();
  if (drain_deadline_ <= now()) {
    drain_deadline_ = never;
    say_goodbye();
  }
  if (streams_.empty() && idle_deadline_ == never) idle_deadline_ = now() + owner_.limits().idle_timeout;
}

void ServerSession::end_streams() {
  while (!streams_.empty()) end(*streams_.back());
  touched_.clear();
  working_.clear();
}

void ServerSession::check_time(TimePoint at) {
  act([this, at] {
    check_socket(at);
    if (!is_open()) return;
    if (idle_deadline_ <= at) return finish(NGHTTP2_NO_ERROR, "idle");
    if (drain_deadline_ <= at) answered_ = true;
    bool waits = false;
    for (std::size_t i = 0; i < streams_.size() && is_open(); ++i) {
      check_stream(*streams_[i], at);
      if (!is_open()) return;
      waits |= streams_[i]->submitted && !streams_[i]->sent && streams_[i]->out.pipe->size() > 0;
    }
    // The window of all bodies together.
    const bool closed = waits && nghttp2_session_get_remote_window_size(h2()) <= 0;
    if (!closed || stalled_since_ == never || data_sent() - sent_at_stall_ >= limits().least_taken) {
      stalled_since_ = closed ? at : never;
      sent_at_stall_ = data_sent();
    } else if (at - stalled_since_ >= owner_.limits().write_timeout) {
      finish(NGHTTP2_ENHANCE_YOUR_CALM, "the client takes no bytes");
    }
  });
}

void ServerSession::check_stream(ServerStream& stream, TimePoint at) {
  const http::Limits& limits = owner_.limits();
  if (!stream.head_complete) {
    if (at - stream.read_since >= limits.head_timeout)
      finish(NGHTTP2_ENHANCE_YOUR_CALM, "the request's head did not arrive in time");
    return;
  }
  const bool reads = !stream.in.ended && stream.in.pipe->size() == 0;
  if (reads && at - stream.read_since >= limits.body_timeout) {
    if (stream.sent) return reset(stream, NGHTTP2_NO_ERROR);
    if (!stream.in.pipe->cancelled() && !stream.body_refusal) {
      stream.body_refusal = {408, "the body did not arrive in time"};
      stream.body_fault = http::BodyFault::timed_out;
      touch(stream);
    }
  }
  if (is_stalled(stream, at)) reset(stream, NGHTTP2_CANCEL);
}

bool ServerSession::is_stalled(ServerStream& stream, TimePoint at) {
  const bool closed = stream.submitted && !stream.sent && stream.out.pipe->size() > 0 &&
                      nghttp2_session_get_stream_remote_window_size(h2(), stream.id) <= 0;
  if (closed && stream.out.sent - stream.sent_at_look < limits().least_taken) {
    return at - stream.write_since >= owner_.limits().write_timeout;
  }
  stream.write_since = at;
  stream.sent_at_look = stream.out.sent;
  return false;
}

http::MakeConnection server_sessions(const Limits& limits) {
  return [limits](std::unique_ptr<http::Transport> transport, http::ConnectionOwner& owner, std::string client_address,
                  std::string received) {
    return std::make_shared<ServerSession>(std::move(transport), owner, std::move(client_address), std::move(received),
                                           limits);
  };
}

}  // namespace weft::http2
