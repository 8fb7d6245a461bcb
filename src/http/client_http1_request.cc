// The client's side of one connection: the request. What becomes of the response is in client_http1.cc.
#include <array>
#include <boost/asio/as_tuple.hpp>

#include "http/chunks.h"
#include "http/client_http1.h"

namespace weft::http {

namespace asio = boost::asio;

namespace {

// The most that one TLS record carries.
constexpr std::size_t tls_record_size = 16 << 10;

constexpr auto with_error = asio::as_tuple(use_awaitable);

}  // namespace

template <class Stream>
std::size_t Http1Connection<Stream>::write_now(std::string_view head, std::string_view body) {
  if constexpr (is_tls)
    return 0;
  else {
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
    boost::system::error_code error;
    const std::size_t written = stream_.write_some(buffers, error);
    // A failure shows again when the rest is written.
    return error ? 0 : written;
  }
}

template <class Stream>
awaitable<bool> Http1Connection<Stream>::write_all(std::string_view head, std::string_view body,
                                                   std::string_view tail) {
  std::string joined;
  if constexpr (is_tls) {
    // TLS writes each buffer as a record of its own.
    if (head.size() + body.size() + tail.size() <= tls_record_size) {
      joined.append(head).append(body).append(tail);
      head = joined;
      body = tail = {};
    }
  }
  std::array<asio::const_buffer, 3> buffers{asio::buffer(head), asio::buffer(body), asio::buffer(tail)};
  std::size_t first = 0;
  while (first < buffers.size()) {
    if (buffers[first].size() == 0) {
      ++first;
      continue;
    }
    set_write_deadline(from_now(exchange_->request().timeouts.between_bytes));
    auto [error, count] =
        co_await stream_.async_write_some(std::span<const asio::const_buffer>(buffers).subspan(first), with_error);
    if (closed_) co_return false;
    set_write_deadline(ClientExchange::never);
    if (error) co_return false;
    sent_any_ = sent_any_ || count > 0;
    for (std::size_t i = first; i < buffers.size() && count > 0; ++i) {
      const std::size_t part = std::min(count, buffers[i].size());
      buffers[i] += part;
      count -= part;
    }
  }
  co_return true;
}

template <class Stream>
awaitable<void> Http1Connection<Stream>::send(std::shared_ptr<ClientExchange> exchange, std::string head,
                                              std::size_t written) {
  const auto self = this->shared_from_this();
  const bool whole = exchange->request_body().finished() && !exchange->request_body().trailers();
  const bool sent = whole ? co_await send_whole(*exchange, head, written) : co_await send_stream(*exchange, head);
  // A server may answer without reading all of the request; what it says is still read.
  if (sent) {
    sent_all_ = true;
    if (!closed_ && !exchange->responded()) set_read_deadline(from_now(exchange->request().timeouts.first_byte));
  }
  exchange->request_body().on_readable = nullptr;
  sending_ = false;
  reader_.notify();
}

template <class Stream>
awaitable<bool> Http1Connection<Stream>::send_whole(ClientExchange& exchange, std::string_view head,
                                                    std::size_t written) {
  std::string_view body = exchange.request_body().front();
  if (written == 0 && expects_continue(exchange.request()) && !body.empty()) {
    if (!co_await write_all(head, {}, {})) co_return false;
    head = {};
    co_await wait_for_continue();
    if (closed_) co_return false;
  }
  const std::size_t of_head = std::min(written, head.size());
  head.remove_prefix(of_head);
  body.remove_prefix(written - of_head);
  co_return co_await write_all(head, body, {});
}

template <class Stream>
awaitable<bool> Http1Connection<Stream>::send_stream(ClientExchange& exchange, std::string head) {
  BodyPipe& body = exchange.request_body();
  const bool chunked = !exchange.request().content_length;
  body.on_readable = [this] { sender_.notify(); };
  bool expecting = expects_continue(exchange.request());
  for (;;) {
    if (expecting) {
      expecting = false;
      if (!co_await write_all(std::exchange(head, {}), {}, {})) co_return false;
      co_await wait_for_continue();
    }
    if (closed_) co_return false;
    const std::string bytes = body.take_all();
    if (chunked && !bytes.empty()) head += chunk_header(bytes.size());
    std::string tail;
    if (chunked && !bytes.empty()) tail = "\r\n";
    if (chunked && body.at_end()) tail += last_chunk(body.trailers());
    if (!co_await write_all(head, bytes, tail)) co_return false;
    head.clear();
    if (body.at_end()) co_return true;
    if (body.failed()) {
      fail(ClientFault::request_aborted, body.abort_reason());
      co_return false;
    }
    if (body.size() == 0) co_await sender_.wait();
  }
}

template <class Stream>
awaitable<void> Http1Connection<Stream>::wait_for_continue() {
  awaiting_continue_ = !received_any_;
  if (awaiting_continue_) set_write_deadline(from_now(continue_timeout));
  while (awaiting_continue_ && !closed_) co_await sender_.wait();
  if (!closed_) set_write_deadline(ClientExchange::never);
}

// What client_http1.cc calls.
template std::size_t Http1Connection<Socket>::write_now(std::string_view, std::string_view);
template std::size_t Http1Connection<TlsSocket>::write_now(std::string_view, std::string_view);
template awaitable<void> Http1Connection<Socket>::send(std::shared_ptr<ClientExchange>, std::string, std::size_t);
template awaitable<void> Http1Connection<TlsSocket>::send(std::shared_ptr<ClientExchange>, std::string, std::size_t);

}  // namespace weft::http
