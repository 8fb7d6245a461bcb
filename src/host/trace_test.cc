#include "host/trace.h"

#include <gtest/gtest.h>

namespace weft::host {
namespace {

constexpr std::string_view example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Trace, ATraceparentIsReadAndWrittenBack) {
  const auto trace = parse_traceparent(example);
  ASSERT_TRUE(trace);
  EXPECT_EQ(*trace, (TraceContext{0x0af7651916cd43dd, 0x8448eb211c80319c, 0xb7ad6b7169203331, 1}));
  EXPECT_EQ(to_traceparent(*trace), example);
}

TEST(Trace, ALaterVersionMayHaveMoreAtItsEnd) {
  const std::string later = "01" + std::string(example.substr(2));
  EXPECT_TRUE(parse_traceparent(later));
  EXPECT_TRUE(parse_traceparent(later + "-more"));
  EXPECT_FALSE(parse_traceparent(later + "more"));
  EXPECT_FALSE(parse_traceparent(std::string(example) + "-more"));
}

TEST(Trace, WhatIsMalformedIsIgnored) {
  for (std::size_t length = 0; length < example.size(); ++length)
    EXPECT_FALSE(parse_traceparent(example.substr(0, length)));
  for (std::size_t i = 0; i < example.size(); ++i) {
    std::string changed(example);
    for (const char c : {'G', 'A', '\0', '\xff'}) {
      changed[i] = c;
      EXPECT_FALSE(parse_traceparent(changed)) << i;
    }
  }
  EXPECT_FALSE(parse_traceparent("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  EXPECT_FALSE(parse_traceparent("00-00000000000000000000000000000000-b7ad6b7169203331-01"));
  EXPECT_FALSE(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"));
}

}  // namespace
}  // namespace weft::host
