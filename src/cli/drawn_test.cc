#include "cli/drawn.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace weft::cli {
namespace {

TEST(Drawn, ACountIsANumberOrARangeWhoseEndIsNotPartOfIt) {
  const auto fixed = read_drawn_count("128");
  ASSERT_TRUE(fixed);
  EXPECT_EQ(fixed->most(), 128u);
  const auto range = read_drawn_count("1..4");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->most(), 3u);
  std::minstd_rand random(1);
  std::set<std::uint32_t> drawn;
  for (int i = 0; i < 200; ++i) drawn.insert(range->draw(random));
  EXPECT_EQ(drawn, (std::set<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(fixed->draw(random), 128u);
}

TEST(Drawn, ATimeIsInSecondsUnlessItSaysOtherwise) {
  for (const auto& [text, nanoseconds] :
       std::initializer_list<std::pair<const char*, std::int64_t>>{{"2", 2'000'000'000},
                                                                   {"2s", 2'000'000'000},
                                                                   {"20ms", 20'000'000},
                                                                   {"7us", 7'000},
                                                                   {"7μs", 7'000},
                                                                   {"9ns", 9}}) {
    const auto time = read_drawn_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(time->most(), nanoseconds) << text;
  }
  const auto range = read_drawn_time("100ms..2s");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->from, 100'000'000);
  EXPECT_EQ(range->below, 2'000'000'000);
}

TEST(Drawn, WhatIsNeitherIsAnErrorThatSaysWhatIsExpected) {
  for (const char* text : {"", "x", "-1", "1..", "..2", "1..2..3", "1 ", "4294967296", "0x10"}) {
    const auto count = read_drawn_count(text);
    ASSERT_FALSE(count) << text;
    EXPECT_NE(count.error().message().find("1..8"), std::string::npos) << count.error().message();
  }
  for (const char* text : {"", "s", "2m", "-1s", "1s..", "1.5s", "2 s"}) {
    const auto time = read_drawn_time(text);
    ASSERT_FALSE(time) << text;
    EXPECT_NE(time.error().message().find("100ms..2s"), std::string::npos) << time.error().message();
  }
  for (const char* text : {"8..1", "3..3"}) {
    ASSERT_FALSE(read_drawn_count(text)) << text;
    EXPECT_NE(read_drawn_count(text).error().message().find("nothing is in this range"), std::string::npos);
  }
}

}  // namespace
}  // namespace weft::cli
