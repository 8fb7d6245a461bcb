// One connection: reads requests, hands them to the handler, writes responses. Internal to server.cc.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "http/chunks.h"
#include "http/request_parser.h"
#include "http/response_writer.h"
#include "http/server.h"
#include "util/event.h"

namespace weft::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using TlsSocket = boost::asio::ssl::stream<Socket>;

// What connections share with their server.
class ConnectionOwner {
 public:
  virtual const Limits& limits() const = 0;
  virtual Handler& handler() = 0;
  virtual bool draining() const = 0;
  virtual void log(std::string_view line) = 0;
  virtual const std::string& date() = 0;
  virtual Loop& loop() = 0;

 protected:
  ~ConnectionOwner() = default;
};

// What the server's sweep needs of a connection, whatever its transport.
class AnyConnection : Pinned {
 public:
  virtual ~AnyConnection() = default;
  virtual void close() = 0;
  // True while no request has begun.
  bool idle() const { return idle_; }
  std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  void expire() {
    expired_ = true;
    close_for_timeout();
  }

 protected:
  virtual void close_for_timeout() = 0;
  bool idle_ = true;
  bool expired_ = false;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

template <class Stream>
class Connection final : public AnyConnection, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, ConnectionOwner& owner, std::string client_address);
  // Until the connection is closed.
  awaitable<void> run();
  void close() override;

 private:
  static constexpr bool is_tls = std::is_same_v<Stream, TlsSocket>;
  static constexpr std::string_view scheme = is_tls ? "https" : "http";

  void close_for_timeout() override;
  Socket& socket();
  awaitable<bool> read_head(std::size_t& head_end);
  awaitable<std::size_t> read_more();
  awaitable<bool> write_all(std::string_view head, std::string_view body);
  awaitable<void> refuse(Refusal refusal);
  awaitable<bool> serve(ParsedRequest request);
  // Moves body bytes from the buffer to the pipe. False: the body is malformed or too large; see refusal_.
  bool feed();
  bool body_complete() const;
  awaitable<void> pump_request_body(std::shared_ptr<Exchange> exchange);
  awaitable<bool> send_response(const ParsedRequest& request);
  awaitable<bool> drain_request_body();
  void watch_for_close();
  void touch(std::chrono::milliseconds timeout) { deadline_ = std::chrono::steady_clock::now() + timeout; }

  Stream stream_;
  ConnectionOwner& owner_;
  std::string client_address_;
  std::string buffer_;    // received, not yet used
  std::size_t used_ = 0;  // bytes of it that are done with
  Event event_;
  bool closed_ = false;

  // of the request being served
  std::shared_ptr<Exchange> exchange_;
  BodyKind body_kind_ = BodyKind::none;
  std::uint64_t body_left_ = 0;
  std::uint64_t body_seen_ = 0;
  ChunkDecoder chunks_;
  bool body_done_ = true;
  bool pumping_ = false;
  bool continue_pending_ = false;
  std::optional<Refusal> refusal_;
};

extern template class Connection<Socket>;
extern template class Connection<TlsSocket>;

}  // namespace weft::http
