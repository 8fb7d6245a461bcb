// A client's connection as its server sees it, and the server as the connection does; whichever HTTP is spoken.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/limits.h"
#include "http/transport.h"

namespace weft::http {

// Kept alive by its owner until it has closed. The caller of every public function holds it too.
class ServerConnection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~ServerConnection() = default;
  virtual void start() = 0;
  // At once, whatever is open. The handler of an open request is told that its client has gone.
  virtual void close() = 0;
  // The server is about to end: closes as soon as no request is open or on its way.
  virtual void drain() = 0;
  // Acts on what is overdue. The owner calls it now and then.
  virtual void check_time(TimePoint now) = 0;
};

// What connections share with their server, which outlives them.
class ConnectionOwner {
 public:
  virtual const Limits& limits() const = 0;
  virtual Handler& handler() = 0;
  virtual bool draining() const = 0;
  virtual void log(std::string_view line) = 0;
  // The present time for a Date field.
  virtual std::string_view date() = 0;
  virtual Loop& loop() = 0;
  // The connection has closed; the owner need not keep it.
  virtual void on_closed(ServerConnection& connection) = 0;

  // Whether a client may choose HTTP/2.
  virtual bool speaks_http2() const { return false; }
  // The client of `connection` chose HTTP/2: the owner makes another connection of its transport, and need not keep
  // this one. `received`: the bytes that came of it. REQUIRES: speaks_http2(); nothing runs on the transport.
  virtual void on_http2(ServerConnection& /*connection*/, std::unique_ptr<Transport> /*transport*/,
                        std::string /*client_address*/, std::string /*received*/) {}

 protected:
  ~ConnectionOwner() = default;
};

// Makes the connection of a client that chose HTTP/2; see ConnectionOwner::on_http2.
using MakeConnection = std::function<std::shared_ptr<ServerConnection>(
    std::unique_ptr<Transport> transport, ConnectionOwner& owner, std::string client_address, std::string received)>;

}  // namespace weft::http
