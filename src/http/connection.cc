#include "http/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace weft::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_size = 16 << 10;
// A body chunk written to the socket at once.
constexpr std::size_t write_size = 64 << 10;

constexpr auto with_error = asio::as_tuple(use_awaitable);

}  // namespace

template <class Stream>
Connection<Stream>::Connection(Stream stream, ConnectionOwner& owner, std::string client_address)
    : stream_(std::move(stream)), owner_(owner), client_address_(std::move(client_address)), event_(owner.loop()) {}

template <class Stream>
Socket& Connection<Stream>::socket() {
  if constexpr (is_tls)
    return stream_.next_layer();
  else
    return stream_;
}

template <class Stream>
void Connection<Stream>::close() {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ignored;
  socket().shutdown(Socket::shutdown_both, ignored);
  socket().close(ignored);
  if (exchange_ != nullptr) exchange_->set_client_gone();
  event_.notify();
}

template <class Stream>
void Connection<Stream>::close_for_timeout() {
  // A client that sends too slowly is told so; the read that waits ends with an error and finds expired_ set.
  boost::system::error_code ignored;
  if (!idle_ && exchange_ == nullptr)
    socket().cancel(ignored);
  else
    close();
}

template <class Stream>
awaitable<std::size_t> Connection<Stream>::read_more() {
  if (used_ == buffer_.size()) {
    buffer_.clear();
    used_ = 0;
  } else if (used_ > 0) {
    buffer_.erase(0, used_);
    used_ = 0;
  }
  const std::size_t before = buffer_.size();
  buffer_.resize(before + read_size);
  auto [error, count] = co_await stream_.async_read_some(asio::buffer(buffer_.data() + before, read_size), with_error);
  buffer_.resize(before + (error ? 0 : count));
  co_return error ? 0 : count;
}

template <class Stream>
awaitable<bool> Connection<Stream>::read_head(std::size_t& head_end) {
  for (;;) {
    const std::string_view rest = std::string_view(buffer_).substr(used_);
    if (!rest.empty()) {
      auto end = find_head_end(rest, owner_.limits());
      if (!end) {
        co_await refuse(end.error());
        co_return false;
      }
      if (*end) {
        head_end = **end;
        idle_ = false;
        co_return true;
      }
    }
    if (rest.empty()) {
      idle_ = true;
      if (owner_.draining()) co_return false;
      touch(owner_.limits().idle_timeout);
    } else if (idle_) {
      idle_ = false;
      touch(owner_.limits().head_timeout);
    }
    if (co_await read_more() == 0) {
      if (expired_ && !idle_) co_await refuse({408, "the request did not arrive in time"});
      co_return false;
    }
  }
}

template <class Stream>
awaitable<void> Connection<Stream>::run() {
  auto self = this->shared_from_this();
  if constexpr (is_tls) {
    touch(owner_.limits().head_timeout);
    idle_ = false;
    auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, with_error);
    if (error) {
      close();
      co_return;
    }
  }
  std::size_t head_end = 0;
  while (!closed_ && co_await read_head(head_end)) {
    auto request = parse_request(std::string_view(buffer_).substr(used_, head_end), scheme, owner_.limits());
    if (!request) {
      co_await refuse(request.error());
      break;
    }
    used_ += head_end;
    if (!co_await serve(*std::move(request))) break;
  }
  if constexpr (is_tls) {
    if (!closed_) {
      touch(std::chrono::seconds(2));
      co_await stream_.async_shutdown(with_error);
    }
  }
  close();
}

template <class Stream>
awaitable<bool> Connection<Stream>::write_all(std::string_view head, std::string_view body) {
  touch(owner_.limits().write_timeout);
  std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
  if constexpr (!is_tls) {
    // Most responses fit the socket's buffer: no suspension, no completion queued.
    boost::system::error_code error;
    const std::size_t written = stream_.write_some(buffers, error);
    if (!error && written == head.size() + body.size()) co_return true;
    if (error && error != asio::error::would_block && error != asio::error::try_again) co_return false;
    const std::size_t done = error ? 0 : written;
    buffers[0] += done;
    buffers[1] += done > head.size() ? done - head.size() : 0;
  }
  auto [error, count] = co_await asio::async_write(stream_, buffers, with_error);
  co_return !error;
}

template <class Stream>
awaitable<void> Connection<Stream>::refuse(Refusal refusal) {
  ResponseHead head;
  head.status = refusal.status;
  head.fields.append("content-type", "text/plain; charset=utf-8");
  const std::string body = std::string(refusal.why) + "\n";
  const std::string text = response_head(head, {.content_length = body.size(), .close = true}, 1, owner_.date());
  if (!co_await write_all(text, body)) co_return;
  // What is still on its way is read and dropped, or the kernel would reset the connection before the answer is read.
  boost::system::error_code ignored;
  socket().shutdown(Socket::shutdown_send, ignored);
  touch(std::chrono::seconds(2));
  for (std::size_t dropped = 0; dropped < owner_.limits().drained_body_bytes;) {
    used_ = buffer_.size();
    const std::size_t count = co_await read_more();
    if (count == 0) break;
    dropped += count;
  }
}

template <class Stream>
bool Connection<Stream>::feed() {
  BodyPipe& pipe = exchange_->request_body();
  while (!body_done_) {
    const std::string_view rest = std::string_view(buffer_).substr(used_);
    const std::size_t room = pipe.cancelled() ? SIZE_MAX : pipe.writable();
    if (body_kind_ == BodyKind::length) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>({body_left_, rest.size(), room}));
      if (take == 0) return true;
      pipe.write(rest.substr(0, take));
      used_ += take;
      body_left_ -= take;
      body_done_ = body_left_ == 0;
      if (body_done_) pipe.finish();
      continue;
    }
    if (rest.empty() || room == 0) return true;
    auto step = chunks_.next(rest, room);
    if (!step) {
      refusal_ = Refusal{400, step.error()};
      return false;
    }
    body_seen_ += step->data.size();
    if (body_seen_ > owner_.limits().body_bytes) {
      refusal_ = Refusal{413, "body too large"};
      return false;
    }
    pipe.write(step->data);
    used_ += step->used;
    if (chunks_.done()) {
      body_done_ = true;
      Fields trailers = chunks_.take_trailers();
      pipe.finish(trailers.empty() ? std::nullopt : std::optional(std::move(trailers)));
    } else if (step->used == 0) {
      return true;
    }
  }
  return true;
}

template <class Stream>
awaitable<void> Connection<Stream>::pump_request_body(std::shared_ptr<Exchange> exchange) {
  auto self = this->shared_from_this();
  Event room(owner_.loop());
  BodyPipe& pipe = exchange->request_body();
  pipe.on_writable = [&room] { room.notify(); };
  while (!body_done_ && !closed_ && !pipe.cancelled()) {
    if (pipe.writable() == 0) {
      touch(std::chrono::hours(24));  // the guest decides how long; its own limits apply
      co_await room.wait();
      continue;
    }
    if (continue_pending_) {
      continue_pending_ = false;
      if (!co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {})) break;
    }
    if (!feed()) break;
    if (body_done_ || pipe.writable() == 0) continue;
    touch(owner_.limits().body_timeout);
    if (co_await read_more() == 0) {
      if (expired_) refusal_ = Refusal{408, "the body did not arrive in time"};
      break;
    }
  }
  pipe.on_writable = nullptr;
  pumping_ = false;
  if (!body_done_ && !pipe.cancelled()) {
    pipe.abort(refusal_ ? refusal_->why : "the connection ended before the body did");
    if (!refusal_) exchange->set_client_gone();
  }
  event_.notify();
}

template <class Stream>
void Connection<Stream>::watch_for_close() {
  socket().async_wait(Socket::wait_read, [self = this->shared_from_this(), exchange = exchange_](auto error) {
    if (error || self->exchange_ != exchange) return;
    char byte;
    const ssize_t got = ::recv(self->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    // Bytes are the next request, or of TLS; only the end and an error mean that nobody waits any more.
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) self->close();
  });
}

template <class Stream>
awaitable<bool> Connection<Stream>::serve(ParsedRequest request) {
  body_kind_ = request.body;
  body_left_ = request.length;
  body_seen_ = 0;
  body_done_ = request.body == BodyKind::none;
  continue_pending_ = request.expects_continue && !body_done_;
  refusal_.reset();
  if (request.body == BodyKind::chunked) chunks_ = ChunkDecoder();
  request.head.client_address = client_address_;
  exchange_ = std::make_shared<Exchange>(std::move(request.head));
  if (body_done_)
    exchange_->request_body().finish();
  else if (!continue_pending_ && !feed()) {
    exchange_ = nullptr;
    co_await refuse(*refusal_);
    co_return false;
  }
  deadline_ = std::chrono::steady_clock::time_point::max();
  owner_.handler().handle(exchange_);
  if (!exchange_->responded() || !exchange_->response_body().ended()) {
    if (!body_done_) {
      pumping_ = true;
      asio::co_spawn(owner_.loop(), pump_request_body(exchange_), asio::detached);
    } else {
      watch_for_close();
    }
    exchange_->on_response = [this] { event_.notify(); };
    while (!exchange_->responded() && !closed_ && !refusal_) co_await event_.wait();
    exchange_->on_response = nullptr;
  }
  bool keep = false;
  if (exchange_->responded() && !closed_) {
    keep = co_await send_response(request);
  } else if (refusal_ && !closed_) {
    co_await refuse(*refusal_);
  }
  if (!keep && !exchange_->response_body().at_end()) exchange_->set_client_gone();
  if (keep && !body_done_) keep = co_await drain_request_body();
  if (pumping_) {
    exchange_->request_body().cancel();
    boost::system::error_code ignored;
    if (!keep) socket().cancel(ignored);
    while (pumping_) co_await event_.wait();
  }
  exchange_ = nullptr;
  co_return keep && !closed_ && !owner_.draining();
}

template <class Stream>
awaitable<bool> Connection<Stream>::drain_request_body() {
  exchange_->request_body().cancel();
  while (pumping_ && !closed_) co_await event_.wait();
  // The client still waits for "100 Continue", or sends more than is worth reading: a new connection is cheaper.
  if (continue_pending_) co_return false;
  for (std::size_t dropped = 0; !body_done_;) {
    if (!feed()) co_return false;
    if (body_done_) break;
    touch(owner_.limits().body_timeout);
    const std::size_t count = co_await read_more();
    dropped += count;
    if (count == 0 || dropped > owner_.limits().drained_body_bytes) co_return false;
  }
  co_return true;
}

template <class Stream>
awaitable<bool> Connection<Stream>::send_response(const ParsedRequest& request) {
  BodyPipe& body = exchange_->response_body();
  const ResponseHead& response = exchange_->response();
  const int minor = exchange_->request().version_minor;
  const bool head_only = exchange_->request().method == "HEAD";
  const bool bodiless = is_bodiless(response.status);
  Framing framing;
  bool keep = request.keep_alive && !owner_.draining() && !refusal_;
  if (auto given = response.fields.get("content-length"); given && !(body.finished() && !head_only)) {
    framing.content_length = std::strtoull(std::string(*given).c_str(), nullptr, 10);
  } else if (body.finished() && !body.trailers()) {
    framing.content_length = body.size();
  } else if (minor >= 1) {
    framing.chunked = true;
  } else {
    keep = false;
  }
  if (bodiless) framing = {};
  if (head_only) framing.chunked = false;
  framing.close = !keep;
  std::string head = response_head(response, framing, minor, owner_.date());

  if (head_only || bodiless) {
    body.cancel();
    co_return co_await write_all(head, {}) && keep;
  }
  if (body.finished() && !framing.chunked) {
    const std::string whole = body.take_all();
    co_return co_await write_all(head, whole) && keep;
  }
  body.on_readable = [this] { event_.notify(); };
  std::uint64_t sent = 0;
  std::string out = std::move(head);
  bool ok = true;
  while (ok) {
    const std::string_view bytes = body.front().substr(0, write_size);
    if (!bytes.empty()) {
      if (framing.content_length && sent + bytes.size() > *framing.content_length) {
        owner_.log("a response's body is longer than its Content-Length");
        ok = false;
        break;
      }
      if (framing.chunked) out += chunk_header(bytes.size());
      out.append(bytes);
      if (framing.chunked) out += "\r\n";
      sent += bytes.size();
      body.consume(bytes.size());
    }
    if (body.at_end() && framing.chunked) out += last_chunk(body.trailers());
    if (!out.empty()) ok = co_await write_all(out, {}) && !closed_;
    out.clear();
    if (body.at_end() || body.failed()) break;
    if (body.size() == 0 && ok) {
      deadline_ = std::chrono::steady_clock::time_point::max();
      co_await event_.wait();
      if (closed_) ok = false;
    }
  }
  body.on_readable = nullptr;
  if (framing.content_length && sent != *framing.content_length) ok = false;
  co_return ok&& body.at_end() && keep;
}

template class Connection<Socket>;
template class Connection<TlsSocket>;

}  // namespace weft::http
