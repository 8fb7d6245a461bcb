#include "host/clocks.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace weft::host {
namespace {

std::uint64_t nanoseconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

class SystemClocks final : public Clocks {
 public:
  std::uint64_t monotonic_now() override { return nanoseconds(CLOCK_MONOTONIC); }
  std::uint64_t wall_now() override { return nanoseconds(CLOCK_REALTIME); }
};

class SystemRandomness final : public Randomness {
 public:
  void fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      const ssize_t got = getrandom(out.data(), out.size(), 0);
      // The kernel's generator cannot fail once seeded; going on with predictable bytes is not an option.
      if (got < 0 && errno != EINTR) std::abort();
      if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
    }
  }
};

}  // namespace

Clocks& system_clocks() {
  static SystemClocks clocks;
  return clocks;
}

Randomness& system_randomness() {
  static SystemRandomness randomness;
  return randomness;
}

}  // namespace weft::host
