// A steady clock for time-outs.
#pragma once

#include <chrono>
#include <ctime>

namespace weft {

// The steady clock as it was at the kernel's last tick: some milliseconds old, at a tenth of the price.
inline std::chrono::steady_clock::time_point coarse_now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::chrono::steady_clock::time_point(std::chrono::seconds(now.tv_sec) +
                                               std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace weft
