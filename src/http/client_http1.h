// HTTP/1.1 on the client's side of one connection. Internal to client_http1.cc.
#pragma once

#include <string>

#include "http/body_decoder.h"
#include "http/client_connection.h"
#include "http/client_head.h"
#include "http/read_buffer.h"
#include "util/event.h"

namespace weft::http {

// What is left of a body that nobody reads is read all the same if it is not more: cheaper than a new connection.
inline constexpr std::uint64_t max_drained_bytes = 64 << 10;
// How long that may take.
inline constexpr std::chrono::seconds drain_timeout{2};

template <class Stream>
class Http1Connection final : public ClientConnection, public std::enable_shared_from_this<Http1Connection<Stream>> {
 public:
  Http1Connection(Loop& loop, Route route, Stream stream, const ResponseLimits& limits);

  awaitable<Outcome> run(std::shared_ptr<ClientExchange> exchange) override;
  bool usable() override;
  void close() override;
  void rest() override { buffer_.release(); }

 private:
  static constexpr bool is_tls = std::is_same_v<Stream, TlsSocket>;
  using Time = ClientExchange::Time;

  Socket& socket();
  // Writes what the socket takes at once; how much that was.
  std::size_t write_now(std::string_view head, std::string_view body);
  awaitable<bool> write_all(std::string_view head, std::string_view body, std::string_view tail);
  // The part of the request that was not written at once, beside the reading of the response.
  awaitable<void> send(std::shared_ptr<ClientExchange> exchange, std::string head, std::size_t written);
  awaitable<bool> send_whole(ClientExchange& exchange, std::string_view head, std::size_t written);
  awaitable<bool> send_stream(ClientExchange& exchange, std::string head);
  awaitable<void> wait_for_continue();
  awaitable<std::optional<ParsedResponse>> read_head(ClientExchange& exchange);
  awaitable<bool> read_body(ClientExchange& exchange);
  // Bytes received; 0 when there will be no more: see closed_, failure_ and end_of_stream_.
  awaitable<std::size_t> read_more();
  std::optional<ClientError> feed(ClientExchange& exchange);

  void set_read_deadline(Time deadline);
  void set_write_deadline(Time deadline);
  void on_interrupt();
  void on_body_consumed();
  void fail(ClientFault fault, std::string detail = {}, std::uint32_t number = 0);

  Loop& loop_;
  Stream stream_;
  ResponseLimits limits_;
  ReadBuffer buffer_;
  bool closed_ = false;

  // of the exchange under way
  ClientExchange* exchange_ = nullptr;
  BodyDecoder decoder_;
  Event reader_;  // the response's body was read, or the sender has ended
  Event sender_;  // more of the request's body, or "100 Continue"
  Time read_deadline_ = ClientExchange::never;
  Time write_deadline_ = ClientExchange::never;
  std::optional<ClientError> failure_;
  bool sending_ = false;
  bool sent_any_ = false;
  bool sent_all_ = false;
  bool received_any_ = false;
  bool reading_ = false;
  bool awaiting_continue_ = false;
  bool end_of_stream_ = false;
};

}  // namespace weft::http
