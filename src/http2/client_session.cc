#include "http2/client_session.h"

#include <algorithm>

namespace weft::http2 {

using http::ClientError;
using http::ClientExchange;
using http::ClientFault;

ClientSession::ClientSession(Loop& loop, http::Route route, std::unique_ptr<http::Transport> transport,
                             const http::ResponseLimits& response, const Limits& limits)
    : Session(std::move(transport), loop, Side::client, limits,
              static_cast<std::uint32_t>(std::min<std::size_t>(response.head_bytes, UINT32_MAX))),
      ClientConnection(std::move(route)),
      loop_(loop),
      response_(response) {}

ClientSession::~ClientSession() = default;

std::chrono::milliseconds ClientSession::write_timeout() const {
  // Each exchange has time-outs of its own, and the pool closes what is of no use any more.
  return std::chrono::hours(1);
}

std::size_t ClientSession::capacity() {
  if (is_closed()) return 0;
  const std::uint32_t allowed = nghttp2_session_get_remote_settings(h2(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return std::min(allowed, limits().streams);
}

bool ClientSession::usable() {
  return is_open() && !leaving_ && !input_ended() && nghttp2_session_check_request_allowed(h2()) != 0;
}

// ---- what came ----

ClientStream* ClientSession::find(std::int32_t stream) {
  return is_open() ? static_cast<ClientStream*>(nghttp2_session_get_stream_user_data(h2(), stream)) : nullptr;
}

void ClientSession::touch(ClientStream& stream) {
  if (!stream.touched) {
    stream.touched = true;
    touched_.push_back(&stream);
  }
  wake();
}

void ClientSession::on_head_begun(const nghttp2_frame& frame) {
  ClientStream* stream = find(frame.hd.stream_id);
  if (stream != nullptr && stream->head_complete) stream->reader.begin_trailers();
}

void ClientSession::on_field(std::int32_t id, std::string_view name, std::string_view value) {
  if (ClientStream* stream = find(id)) stream->reader.add(name, value, response_);
}

void ClientSession::on_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY) leaving_ = true;
  ClientStream* stream = frame.hd.stream_id != 0 ? find(frame.hd.stream_id) : nullptr;
  if (stream == nullptr) return;
  if (frame.hd.type == NGHTTP2_RST_STREAM) stream->reset_by_peer = true;
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  if (!stream->head_complete && stream->reader.head().status < 200) {
    stream->malformed |= stream->reader.head().status == 101 || ++stream->interim > http::max_interim_responses;
    stream->out.held = false;
    stream->reader.forget();
  } else {
    stream->head_complete = true;
  }
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) stream->in.ended = true;
  touch(*stream);
}

void ClientSession::on_data(std::int32_t id, std::string_view bytes) {
  ClientStream* stream = find(id);
  if (stream == nullptr) return;
  stream->in.take(bytes);
  stream->news = true;
  touch(*stream);
}

void ClientSession::on_stream_closed(std::int32_t id, std::uint32_t error) {
  ClientStream* stream = find(id);
  if (stream == nullptr) return;
  stream->closed = true;
  stream->error = error;
  touch(*stream);
}

void ClientSession::on_sent(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  ClientStream* stream = find(frame.hd.stream_id);
  if (stream == nullptr) return;
  stream->head_sent = true;
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  stream->sent = true;
  touch(*stream);
}

// ---- what to do about it ----

awaitable<http::ClientConnection::Outcome> ClientSession::run(std::shared_ptr<ClientExchange> exchange) {
  const auto self = shared_from_this();
  ClientStream::Waiter waiter(loop_);
  if (exchange->cancelled()) co_return Outcome{.error = ClientError{ClientFault::cancelled, {}}};
  if (!usable()) {
    co_return Outcome{.error = ClientError{ClientFault::connection_terminated, {}},
                      .closed_before_response = true,
                      .nothing_sent = true};
  }
  act([&] { begin(exchange, waiter); });
  while (!waiter.outcome) co_await waiter.event.wait();
  co_return *std::move(waiter.outcome);
}

void ClientSession::work() {
  while (!touched_.empty() && is_open()) {
    working_.swap(touched_);
    for (std::size_t i = 0; i < working_.size(); ++i) {
      working_[i]->touched = false;
      serve(*working_[i]);
    }
    working_.clear();
  }
}

void ClientSession::end_streams() {
  while (!streams_.empty()) {
    ClientStream& stream = *streams_.back();
    if (stream.waiter != nullptr) {
      fail(stream, stream.responded ? ClientFault::response_incomplete : ClientFault::connection_terminated);
    }
    end(stream);
  }
  touched_.clear();
  working_.clear();
}

http::MakeClientConnection client_sessions(const Limits& limits) {
  return [limits](Loop& loop, http::Route route, std::unique_ptr<http::Transport> transport,
                  const http::ResponseLimits& response) -> std::shared_ptr<http::ClientConnection> {
    auto session = std::make_shared<ClientSession>(loop, std::move(route), std::move(transport), response, limits);
    session->start();
    return session;
  };
}

}  // namespace weft::http2
