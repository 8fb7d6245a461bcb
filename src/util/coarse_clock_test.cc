#include "util/coarse_clock.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(CoarseClock, IsTheSteadyClockALittleLateAndNeverEarly) {
  for (int i = 0; i < 1000; ++i) {
    const auto before = std::chrono::steady_clock::now();
    const auto coarse = coarse_now();
    EXPECT_LE(coarse, std::chrono::steady_clock::now());
    // A tick of the slowest kernels is 10 ms.
    EXPECT_GT(coarse, before - std::chrono::milliseconds(11));
  }
}

TEST(CoarseClock, NeverGoesBack) {
  auto last = coarse_now();
  for (int i = 0; i < 1000; ++i) {
    const auto now = coarse_now();
    EXPECT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace weft
