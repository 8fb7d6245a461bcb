#include "host/trace.h"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>
#include <vector>

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

// Gives what it was told to, 8 bytes at a time.
class Scripted final : public Randomness {
 public:
  explicit Scripted(std::vector<std::uint64_t> values) : values_(std::move(values)) {}
  void fill(std::span<std::byte> out) override {
    ASSERT_EQ(out.size(), sizeof values_[0]);
    std::memcpy(out.data(), &values_.at(next_++), out.size());
  }

 private:
  std::vector<std::uint64_t> values_;
  std::size_t next_ = 0;
};

TEST(Trace, TheNextSpanHasTheSameTraceAndAnIdentityThatIsNotZero) {
  const TraceContext trace = *parse_traceparent(example);
  Scripted randomness({7, 0, 0, 9});
  EXPECT_EQ(next_span(trace, randomness), (TraceContext{trace.trace_id_high, trace.trace_id_low, 7, 1}));
  EXPECT_EQ(next_span(trace, randomness), (TraceContext{trace.trace_id_high, trace.trace_id_low, 9, 1}));
}

}  // namespace
}  // namespace weft::host
