#include "wasi/clocks.h"

#include <algorithm>

#include "util/timer.h"

namespace weft::wasi::clocks {
namespace {

class Deadline final : public host::Pollable, public std::enable_shared_from_this<Deadline> {
 public:
  Deadline(Loop& loop, host::Clocks& clocks, std::uint64_t instant)
      : timer_(loop), clocks_(clocks), instant_(instant) {}
  bool ready() override { return clocks_.monotonic_now() >= instant_; }
  host::Signal& signal() override {
    arm();
    return signal_;
  }

 private:
  void arm() {
    const std::uint64_t now = clocks_.monotonic_now();
    // A century is as good as never, and fits the timer's clock.
    constexpr std::uint64_t never = 100ull * 365 * 24 * 3600 * 1'000'000'000;
    timer_.expires_after(std::chrono::nanoseconds(instant_ > now ? std::min(instant_ - now, never) : 0));
    // An expired timer's handler may be on its way when the guest drops the pollable: it cannot be called back then.
    timer_.async_wait([weak = weak_from_this()](auto error) {
      const auto self = weak.lock();
      if (error || self == nullptr) return;
      if (self->ready()) {
        self->signal_.notify();
      } else {
        self->arm();  // the injected clock is not as far as the timer's
      }
    });
  }

  Timer timer_;
  host::Clocks& clocks_;
  std::uint64_t instant_;
  host::Signal signal_;
};

}  // namespace

std::shared_ptr<host::Pollable> at(Loop& loop, host::Clocks& clocks, std::uint64_t instant) {
  return std::make_shared<Deadline>(loop, clocks, instant);
}

std::uint64_t after(host::Clocks& clocks, std::uint64_t duration) {
  const std::uint64_t now = clocks.monotonic_now();
  return duration > UINT64_MAX - now ? UINT64_MAX : now + duration;
}

std::uint64_t monotonic_now(bind::Host host) {
  return host.context().clocks->monotonic_now();
}

std::uint64_t monotonic_resolution(bind::Host) {
  return 1;
}

}  // namespace weft::wasi::clocks
