#include "static_files/ranges.h"

#include <gtest/gtest.h>

namespace weft::static_files {
namespace {

// "all", "unsatisfiable", or the ranges.
std::string asked(std::string_view field, std::uint64_t length) {
  http::Fields request;
  request.append("Range", field);
  const Ranges ranges = parse_ranges(request, length);
  if (ranges.kind() == Ranges::Kind::all) return "all";
  if (ranges.kind() == Ranges::Kind::unsatisfiable) return "unsatisfiable";
  std::string text;
  for (const ByteRange& range : ranges.ranges()) {
    if (!text.empty()) text += ' ';
    text += std::to_string(range.first) + "-" + std::to_string(range.last);
  }
  return text;
}

TEST(Ranges, EachExampleOfTheSpecificationIsReadAsItSays) {
  // RFC 9110, 14.1.2, of a representation of 10000 bytes.
  const struct {
    const char* field;
    const char* ranges;
  } cases[] = {
      {"bytes=0-499", "0-499"},
      {"bytes=500-999", "500-999"},
      {"bytes=-500", "9500-9999"},
      {"bytes=9500-", "9500-9999"},
      {"bytes=0-0,-1", "0-0 9999-9999"},
      {"bytes= 0-0, 1000-1009, -1", "0-0 1000-1009 9999-9999"},
      {"bytes=500-600,601-999", "500-999"},
      {"bytes=500-700,601-999", "500-999"},
  };
  for (const auto& c : cases) EXPECT_EQ(asked(c.field, 10000), c.ranges) << c.field;
}

TEST(Ranges, EndsBeyondTheFileAreCutAndThoseBehindItAreLeftOut) {
  EXPECT_EQ(asked("bytes=5-1000", 10), "5-9");
  EXPECT_EQ(asked("bytes=-1000", 10), "0-9");
  EXPECT_EQ(asked("bytes=9-99999999999999999999999999", 10), "9-9");
  EXPECT_EQ(asked("bytes=0-1, 10-20", 10), "0-1");
  EXPECT_EQ(asked("bytes=10-", 10), "unsatisfiable");
  EXPECT_EQ(asked("bytes=99999999999999999999999999-", 10), "unsatisfiable");
  EXPECT_EQ(asked("bytes=18446744073709551615-18446744073709551615", UINT64_MAX), "unsatisfiable");
  EXPECT_EQ(asked("bytes=-0", 10), "unsatisfiable");
  EXPECT_EQ(asked("bytes=0-", 0), "unsatisfiable");
  EXPECT_EQ(asked("bytes=-5", 0), "unsatisfiable");
}

TEST(Ranges, WhatIsMalformedIsIgnored) {
  for (const char* field :
       {"", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=5", "bytes=5-4", "bytes=a-b", "bytes=1-2-3", "bytes=+1-2",
        "bytes=0-1;2-3", "bytes=0x1-2", "items=0-1", "bytes =0-1", "bytes=0 - 1", "bytes=0-1, x", "bytes=0-1, 5-4"}) {
    EXPECT_EQ(asked(field, 10), "all") << field;
  }
  EXPECT_EQ(asked("BYTES=0-1", 10), "0-1") << "units are case-insensitive";
}

TEST(Ranges, TwoFieldsSayNothing) {
  http::Fields request;
  request.append("range", "bytes=0-1");
  request.append("range", "bytes=2-3");
  EXPECT_EQ(parse_ranges(request, 10).kind(), Ranges::Kind::all);
}

TEST(Ranges, NoByteIsSentTwiceHoweverManyRangesAskForIt) {
  EXPECT_EQ(asked("bytes=0-,0-,0-,0-", 1000), "0-999");
  EXPECT_EQ(asked("bytes=900-999,0-99,50-950", 1000), "0-999");
  EXPECT_EQ(asked("bytes=0-9,2000-2009,1000-1009,5-2005", 10000), "0-2009");
  EXPECT_EQ(asked("bytes=5000-5009,0-9,4990-4999", 10000), "4990-5009 0-9") << "the order asked for is kept";
}

TEST(Ranges, AShortGapIsSentToo) {
  EXPECT_EQ(asked("bytes=0-9,90-99", 1000), "0-99");
  EXPECT_EQ(asked("bytes=0-9,91-99", 1000), "0-9 91-99");
}

TEST(Ranges, WhoAsksForTooManyGetsEverything) {
  std::string field = "bytes=";
  for (std::size_t i = 0; i < max_ranges; ++i) field += std::to_string(i * 1000) + "-" + std::to_string(i * 1000) + ",";
  EXPECT_NE(asked(field, 1 << 20), "all");
  EXPECT_EQ(asked(field + "500000-500000", 1 << 20), "all");
}

}  // namespace
}  // namespace weft::static_files
