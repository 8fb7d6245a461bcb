// wasi:clocks 0.2: monotonic-clock, wall-clock.
#include <boost/asio/steady_timer.hpp>

#include "wasi/datetime.h"
#include "wasi/p2.h"
#include "wasi/streams.h"

namespace weft::wasi {
namespace {

using bind::Host;
using bind::Own;
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

// Ready from an instant on. The timer runs only while somebody waits.
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

std::uint64_t monotonic_now(Host host) {
  return host.context().clocks->monotonic_now();
}
std::uint64_t monotonic_resolution(Host) {
  return 1;
}

Own<PollableResource> subscribe_instant(Host host, std::uint64_t when) {
  host::RequestContext& context = host.context();
  return std::make_unique<PollableResource>(std::make_shared<Deadline>(context.loop(), *context.clocks, when));
}

Own<PollableResource> subscribe_duration(Host host, std::uint64_t duration) {
  const std::uint64_t now = host.context().clocks->monotonic_now();
  return subscribe_instant(host, duration > UINT64_MAX - now ? UINT64_MAX : now + duration);
}

Datetime wall_now(Host host) {
  const std::uint64_t now = host.context().clocks->wall_now();
  return {now / 1'000'000'000, static_cast<std::uint32_t>(now % 1'000'000'000)};
}
Datetime wall_resolution(Host) {
  return {0, 1};
}

}  // namespace

void p2::add_clocks(bind::Registry& registry) {
  registry.interface("wasi:clocks/monotonic-clock@0.2.0")
      .func<&monotonic_now>("now")
      .func<&monotonic_resolution>("resolution")
      .func<&subscribe_instant>("subscribe-instant")
      .func<&subscribe_duration>("subscribe-duration");
  registry.interface("wasi:clocks/wall-clock@0.2.0").func<&wall_now>("now").func<&wall_resolution>("resolution");
}

}  // namespace weft::wasi
