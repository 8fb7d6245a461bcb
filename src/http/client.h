// The HTTP client of one loop: keeps connections, opens them, and carries requests over them.
#pragma once

#include <memory>

#include "http/client_dial.h"
#include "http/client_exchange.h"
#include "http/client_pool.h"
#include "http/response_parser.h"
#include "util/resolver.h"

namespace weft::http {

struct ClientOptions {
  PoolLimits pool;
  ResponseLimits response;
  DialOptions dial;
};

// All functions on the loop's thread.
class Client : Pinned {
 public:
  // `resolver` outlives the client's requests; the loop outlives both.
  Client(Loop& loop, Resolver& resolver, ClientOptions options = {});
  // Cancels what is under way and closes all connections.
  ~Client();

  // Sends the request of `exchange`, once. Nothing of it happens within this call. If the server had closed a kept
  // connection, a request that can be repeated is repeated on a new one.
  void start(std::shared_ptr<ClientExchange> exchange);

  std::size_t connections() const;
  std::size_t idle_connections() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::http
