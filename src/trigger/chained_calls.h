// Requests of one component to another of the same application, without a connection: to the one that asks this is
// what http::Client is, to the one that answers what http::Server is.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_set>

#include "http/client_exchange.h"
#include "http/exchange.h"
#include "util/async.h"
#include "util/pinned.h"

namespace weft::trigger {

// Chained calls of one loop that may be open; each is an instance. As many as the client has connections.
inline constexpr std::size_t max_chained_calls = 1024;

// Belongs to its loop.
class ChainedCalls : Pinned {
 public:
  using Clock = std::chrono::steady_clock;
  // Has the request answered. Called on the loop, on no fiber.
  using Serve = std::function<void(std::shared_ptr<http::Exchange> exchange)>;

  explicit ChainedCalls(Loop& loop) : loop_(loop) {}
  ~ChainedCalls();

  // Has `serve` answer what `asked` asks, later: nothing of it happens within this call. Too many: it fails.
  void start(std::shared_ptr<http::ClientExchange> asked, Serve serve);
  // Ends those that take longer than whoever asked wants to wait. Called now and then.
  void sweep(Clock::time_point now);
  std::size_t open() const { return open_.size(); }

 private:
  class Call;
  Loop& loop_;
  std::unordered_set<std::shared_ptr<Call>> open_;
};

}  // namespace weft::trigger
