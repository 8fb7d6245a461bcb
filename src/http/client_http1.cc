#include "http/client_http1.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace weft::http {

namespace asio = boost::asio;

namespace {

// One read from a socket: the head of most responses, a good part of a large body.
constexpr std::size_t read_size = 32 << 10;

constexpr auto with_error = asio::as_tuple(use_awaitable);

ClientFault client_fault(BodyFault fault) {
  return fault == BodyFault::trailers_too_large ? ClientFault::response_trailer_size : ClientFault::response_malformed;
}

}  // namespace

template <class Stream>
Http1Connection<Stream>::Http1Connection(Loop& loop, Route route, Stream stream, const ResponseLimits& limits)
    : ClientConnection(std::move(route)),
      loop_(loop),
      stream_(std::move(stream)),
      limits_(limits),
      reader_(loop),
      sender_(loop) {}

template <class Stream>
Socket& Http1Connection<Stream>::socket() {
  if constexpr (is_tls)
    return stream_.next_layer();
  else
    return stream_;
}

template <class Stream>
void Http1Connection<Stream>::close() {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ignored;
  socket().close(ignored);
  reader_.notify();
  sender_.notify();
}

template <class Stream>
bool Http1Connection<Stream>::usable() {
  if (closed_ || !buffer_.view().empty()) return false;
  if constexpr (is_tls) {
    // What TLS has taken in but not given out can only be a farewell.
    if (SSL_get_shutdown(stream_.native_handle()) != 0 || BIO_pending(SSL_get_rbio(stream_.native_handle())) > 0) {
      return false;
    }
  }
  char byte;
  const ssize_t got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

template <class Stream>
void Http1Connection<Stream>::fail(ClientFault fault, std::string detail, std::uint32_t number) {
  if (!failure_) failure_ = ClientError{fault, std::move(detail), number};
  close();
}

// ---- time ----

template <class Stream>
void Http1Connection<Stream>::set_read_deadline(Time deadline) {
  read_deadline_ = deadline;
  exchange_->set_deadline(std::min(read_deadline_, write_deadline_));
}

template <class Stream>
void Http1Connection<Stream>::set_write_deadline(Time deadline) {
  write_deadline_ = deadline;
  exchange_->set_deadline(std::min(read_deadline_, write_deadline_));
}

template <class Stream>
void Http1Connection<Stream>::on_interrupt() {
  if (exchange_->cancelled()) {
    fail(ClientFault::cancelled);
    return;
  }
  if (!exchange_->take_expired()) return;
  const Time now = std::chrono::steady_clock::now();
  if (write_deadline_ <= now && awaiting_continue_) {
    awaiting_continue_ = false;
    set_write_deadline(ClientExchange::never);
    sender_.notify();
  } else if (write_deadline_ <= now) {
    fail(ClientFault::write_timeout);
  } else if (read_deadline_ <= now) {
    fail(ClientFault::read_timeout);
  } else {
    set_read_deadline(read_deadline_);
  }
}

// ---- the response ----

template <class Stream>
awaitable<std::size_t> Http1Connection<Stream>::read_more() {
  const std::span<char> room = buffer_.prepare(read_size);
  reading_ = true;
  auto [error, count] = co_await stream_.async_read_some(asio::buffer(room.data(), room.size()), with_error);
  reading_ = false;
  if (closed_) co_return 0;
  if (!error) {
    received_any_ = true;
    buffer_.commit(count);
    co_return count;
  }
  if (error == asio::error::eof) {
    end_of_stream_ = true;
  } else if constexpr (is_tls) {
    // Reset or cut off without a farewell: not an end that can be trusted.
    if (error.category() == asio::error::get_ssl_category()) failure_ = tls_error(error, stream_.native_handle());
  }
  co_return 0;
}

template <class Stream>
awaitable<std::optional<ParsedResponse>> Http1Connection<Stream>::read_head(ClientExchange& exchange) {
  std::size_t seen = 0;
  unsigned interim = 0;
  for (;;) {
    const std::string_view bytes = buffer_.view();
    std::expected<std::optional<std::size_t>, ClientError> end;
    if (!bytes.empty()) end = find_response_end(bytes, seen, limits_);
    if (!end) {
      failure_ = end.error();
      co_return std::nullopt;
    }
    if (*end) {
      auto response = parse_response(bytes.substr(0, **end), exchange.request().method, limits_);
      if (!response) {
        failure_ = response.error();
        co_return std::nullopt;
      }
      buffer_.consume(**end);
      seen = 0;
      if (!response->is_interim()) co_return std::move(*response);
      if (response->head.status == 101) {
        fail(ClientFault::response_malformed, "switches protocols without being asked");
        co_return std::nullopt;
      }
      if (++interim > max_interim_responses) {
        fail(ClientFault::response_malformed, "too many interim responses");
        co_return std::nullopt;
      }
      if (std::exchange(awaiting_continue_, false)) sender_.notify();
      continue;
    }
    seen = bytes.size();
    if (co_await read_more() == 0) co_return std::nullopt;
  }
}

template <class Stream>
std::optional<ClientError> Http1Connection<Stream>::feed(ClientExchange& exchange) {
  const auto used = decoder_.feed(buffer_.view(), exchange.response_body());
  if (!used) return ClientError{client_fault(used.error().fault), used.error().why};
  buffer_.consume(*used);
  return std::nullopt;
}

template <class Stream>
void Http1Connection<Stream>::on_body_consumed() {
  if (exchange_->response_body().cancelled() && !decoder_.done()) {
    if (decoder_.left() > max_drained_bytes) {
      fail(ClientFault::cancelled);
      return;
    }
    set_read_deadline(from_now(drain_timeout));
  }
  if (!reading_) reader_.notify();
}

template <class Stream>
awaitable<bool> Http1Connection<Stream>::read_body(ClientExchange& exchange) {
  BodyPipe& pipe = exchange.response_body();
  for (;;) {
    if (auto error = feed(exchange)) {
      failure_ = std::move(error);
      co_return false;
    }
    if (decoder_.done()) co_return true;
    if (!pipe.cancelled() && pipe.writable() == 0) {
      set_read_deadline(ClientExchange::never);  // the reader decides how long; its own limits apply
      co_await reader_.wait();
      if (closed_) co_return false;
      continue;
    }
    if (!pipe.cancelled()) set_read_deadline(from_now(exchange.request().timeouts.between_bytes));
    if (co_await read_more() == 0) co_return end_of_stream_&& decoder_.close(pipe);
  }
}

template <class Stream>
awaitable<ClientConnection::Outcome> Http1Connection<Stream>::run(std::shared_ptr<ClientExchange> exchange) {
  const auto self = this->shared_from_this();
  exchange_ = exchange.get();
  decoder_ = BodyDecoder();
  read_deadline_ = write_deadline_ = ClientExchange::never;
  failure_.reset();
  sent_any_ = sent_all_ = received_any_ = awaiting_continue_ = end_of_stream_ = false;
  exchange->set_interrupt([this] { on_interrupt(); });
  if (exchange->cancelled()) fail(ClientFault::cancelled);

  // The request: at once if the socket takes it, else beside the reading, for the answer may come before its end.
  const ClientRequest& request = exchange->request();
  BodyPipe& request_body = exchange->request_body();
  const bool whole = request_body.finished() && !request_body.trailers();
  std::string head = request_head(request, request_framing(request, whole, request_body.size()));
  std::size_t written = 0;
  if (whole && !closed_ && !(request_body.size() > 0 && expects_continue(request))) {
    written = write_now(head, request_body.front());
  }
  sent_any_ = written > 0;
  sent_all_ = whole && written == head.size() + request_body.size();
  if (sent_all_) {
    set_read_deadline(from_now(request.timeouts.first_byte));
  } else if (!closed_) {
    sending_ = true;
    asio::co_spawn(loop_, send(exchange, std::move(head), written), asio::detached);
  }

  Outcome outcome;
  std::optional<ParsedResponse> response;
  if (!closed_) response = co_await read_head(*exchange);
  if (response) {
    read_deadline_ = ClientExchange::never;
    if (awaiting_continue_) {
      // The server does not want the body: its sender waits until the connection is closed.
      response->keep_alive = false;
      set_write_deadline(ClientExchange::never);
    }
    decoder_ = BodyDecoder(response->body, response->length);
    exchange->response_body().on_writable = [this] { on_body_consumed(); };
    if (decoder_.done()) exchange->response_body().finish();
    // What came with the head is there before the reader is told of it.
    auto error = feed(*exchange);
    exchange->respond(std::move(response->head));
    bool complete = false;
    if (error)
      failure_ = std::move(error);
    else
      complete = co_await read_body(*exchange);
    exchange->response_body().on_writable = nullptr;
    if (!complete && !failure_) fail(ClientFault::response_incomplete);
    outcome.reusable = complete && response->keep_alive && sent_all_ && !closed_ && buffer_.view().empty();
  } else if (!failure_) {
    failure_ = ClientError{received_any_ ? ClientFault::response_incomplete : ClientFault::connection_terminated, {}};
    outcome.closed_before_response = !received_any_;
    outcome.nothing_sent = !sent_any_;
  }
  outcome.error = std::move(failure_);
  if (!outcome.reusable) close();
  // Nobody takes the rest of a request that is answered.
  while (sending_) co_await reader_.wait();
  if (!sent_all_ && !outcome.closed_before_response) request_body.cancel();
  exchange->set_interrupt(nullptr);
  exchange->set_deadline(ClientExchange::never);
  exchange_ = nullptr;
  co_return outcome;
}

// What is defined above, for client_http1_request.cc, too.
template class Http1Connection<Socket>;
template class Http1Connection<TlsSocket>;

std::shared_ptr<ClientConnection> make_connection(Loop& loop, Route route, Socket socket,
                                                  const ResponseLimits& limits) {
  return std::make_shared<Http1Connection<Socket>>(loop, std::move(route), std::move(socket), limits);
}

std::shared_ptr<ClientConnection> make_connection(Loop& loop, Route route, TlsSocket stream,
                                                  const ResponseLimits& limits) {
  return std::make_shared<Http1Connection<TlsSocket>>(loop, std::move(route), std::move(stream), limits);
}

}  // namespace weft::http
