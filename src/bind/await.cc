#include "bind/await.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

#include "util/timer.h"

namespace weft::bind {
namespace {

// A timer that nothing but wake() or a cancellation ends.
struct Waiting final : host::Waker {
  explicit Waiting(Loop& loop) : timer(loop, Timer::time_point::max()) {}
  void wake() noexcept override {
    woken = true;
    timer.cancel();
  }
  Timer timer;
  bool woken = false;
};

}  // namespace

awaitable<void> until_ready(Loop& loop, std::shared_ptr<host::Pollable> pollable) {
  Waiting waiting(loop);
  host::Subscription subscription;
  subscription.subscribe(pollable->signal(), waiting);
  while (!pollable->ready()) {
    if (!std::exchange(waiting.woken, false)) {
      waiting.timer.expires_at(Timer::time_point::max());
      co_await waiting.timer.async_wait(boost::asio::as_tuple(use_awaitable));
    }
    if ((co_await boost::asio::this_coro::cancellation_state).cancelled() != boost::asio::cancellation_type::none)
      throw boost::system::system_error(boost::asio::error::operation_aborted);
  }
}

}  // namespace weft::bind
