// A place in one loop where one coroutine waits to be told of a change.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "util/async.h"
#include "util/pinned.h"

namespace weft {

// One thread, one waiter at a time. A notification with nobody waiting is kept for the next wait.
class Event : Pinned {
 public:
  explicit Event(Loop& loop) : loop_(loop) {}

  void notify() {
    if (waiter_ == nullptr) {
      notified_ = true;
      return;
    }
    boost::asio::post(loop_, [waiter = std::exchange(waiter_, nullptr)]() mutable { waiter->resume(); });
  }

  // Returns after the next notify(), or at once if there was one since the last wait.
  awaitable<void> wait() {
    if (std::exchange(notified_, false)) co_return;
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void()>(
        [this](auto handler) { waiter_ = std::make_unique<Waiter<decltype(handler)>>(std::move(handler)); },
        use_awaitable);
  }

 private:
  struct WaiterBase {
    virtual ~WaiterBase() = default;
    virtual void resume() = 0;
  };
  template <class Handler>
  struct Waiter final : WaiterBase {
    explicit Waiter(Handler h) : handler(std::move(h)) {}
    void resume() override { std::move(handler)(); }
    Handler handler;
  };

  Loop& loop_;
  std::unique_ptr<WaiterBase> waiter_;
  bool notified_ = false;
};

}  // namespace weft
