#include "http2/meter.h"

#include <gtest/gtest.h>

namespace weft::http2 {
namespace {

using namespace std::chrono_literals;

const Meter::TimePoint begin = Meter::TimePoint() + 1h;

TEST(Meter, GivesSoManyAtOnceAndThenSoManyASecond) {
  Meter meter(3, 2);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(meter.take(begin));
  EXPECT_FALSE(meter.take(begin));
  EXPECT_FALSE(meter.take(begin + 400ms));
  EXPECT_TRUE(meter.take(begin + 600ms));
  EXPECT_FALSE(meter.take(begin + 700ms));
  EXPECT_TRUE(meter.take(begin + 1100ms));
}

TEST(Meter, SavesNoMoreThanItGivesAtOnce) {
  Meter meter(2, 10);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(meter.take(begin));
  EXPECT_FALSE(meter.take(begin));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(meter.take(begin + 1h));
  EXPECT_FALSE(meter.take(begin + 1h));
}

TEST(Meter, CanBeRefilled) {
  Meter meter(1, 0);
  EXPECT_TRUE(meter.take(begin));
  EXPECT_FALSE(meter.take(begin + 1h));
  meter.refill();
  EXPECT_TRUE(meter.take(begin + 1h));
}

}  // namespace
}  // namespace weft::http2
