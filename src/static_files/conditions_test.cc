#include "static_files/conditions.h"

#include <gtest/gtest.h>

namespace weft::static_files {
namespace {

constexpr std::int64_t now = 1'800'000'000;  // 2027
// The dates of RFC 9110, 5.6.7.
constexpr std::int64_t example = 784'111'777;
constexpr const char* example_text = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* second_later = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr const char* second_before = "Sun, 06 Nov 1994 08:49:36 GMT";

struct Line {
  const char* name;
  const char* value;
};

http::Fields fields(std::initializer_list<Line> lines) {
  http::Fields request;
  for (const Line& line : lines) request.append(line.name, line.value);
  return request;
}

Verdict of(std::initializer_list<Line> lines) {
  return judge(fields(lines), {.tag = "\"xyzzy\"", .modified = example}, now);
}

TEST(Dates, AllThreeFormsAreRead) {
  EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994", now), example);
  EXPECT_EQ(parse_date("Thu, 01 Jan 1970 00:00:00 GMT", now), 0);
  EXPECT_EQ(parse_date("Thu, 29 Feb 2024 23:59:60 GMT", now), 1709251200);
}

TEST(Dates, TwoDigitsAreAYearThatIsNotFiftyYearsAhead) {
  EXPECT_EQ(parse_date("Friday, 06-Nov-26 08:49:37 GMT", now), 1793954977);
  EXPECT_EQ(parse_date("Saturday, 06-Nov-77 08:49:37 GMT", now), 3403414177) << "50 years";
  EXPECT_EQ(parse_date("Monday, 06-Nov-78 08:49:37 GMT", now), 279190177) << "51 years";
}

TEST(Dates, AnythingElseIsNone) {
  for (const char* text :
       {"", "0", "784111777", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov +994 08:49:37 GMT",
        "Sun Nov 06 08:49:37 94", "Sunday, 06-Nov-1994 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt"}) {
    EXPECT_EQ(parse_date(text, now), std::nullopt) << text;
  }
}

TEST(Conditions, IfNoneMatchComparesWeakly) {
  // RFC 9110, 13.1.2: its examples.
  EXPECT_EQ(of({{"If-None-Match", "\"xyzzy\""}}), Verdict::not_modified);
  EXPECT_EQ(of({{"If-None-Match", "W/\"xyzzy\""}}), Verdict::not_modified);
  EXPECT_EQ(of({{"If-None-Match", "\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\""}}), Verdict::not_modified);
  EXPECT_EQ(of({{"If-None-Match", "W/\"r2d2xxxx\", W/\"xyzzy\", W/\"c3piozzzz\""}}), Verdict::not_modified);
  EXPECT_EQ(of({{"If-None-Match", "*"}}), Verdict::not_modified);
  EXPECT_EQ(of({{"If-None-Match", "\"other\""}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-None-Match", "\"a\""}, {"If-None-Match", "\"xyzzy\""}}), Verdict::not_modified);
}

TEST(Conditions, IfMatchComparesStrongly) {
  EXPECT_EQ(of({{"If-Match", "\"xyzzy\""}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Match", "\"r2d2xxxx\", \"xyzzy\""}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Match", "*"}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Match", "W/\"xyzzy\""}}), Verdict::failed);
  EXPECT_EQ(of({{"If-Match", "\"other\""}}), Verdict::failed);
}

TEST(Conditions, TagsMayHoldCommasAndBackslashes) {
  const Validators odd{.tag = "\"a,\\b\"", .modified = std::nullopt};
  EXPECT_EQ(judge(fields({{"If-None-Match", "\"x\", \"a,\\b\""}}), odd, now), Verdict::not_modified);
  EXPECT_EQ(judge(fields({{"If-None-Match", "\"b\", \"a\""}}), odd, now), Verdict::proceed);
}

TEST(Conditions, AMalformedTagMatchesNothingAndNothingBehindItCounts) {
  for (const char* list : {"xyzzy", "\"xyzzy", "w/\"xyzzy\"", "\"a b\", \"xyzzy\"", "W/ \"xyzzy\"", "**", "\"\""}) {
    EXPECT_EQ(of({{"If-None-Match", list}}), Verdict::proceed) << list;
    EXPECT_EQ(of({{"If-Match", list}}), Verdict::failed) << list;
  }
}

TEST(Conditions, DatesAreComparedToTheSecond) {
  EXPECT_EQ(of({{"If-Modified-Since", example_text}}), Verdict::not_modified);
  EXPECT_EQ(of({{"If-Modified-Since", second_later}}), Verdict::not_modified);
  EXPECT_EQ(of({{"If-Modified-Since", second_before}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Unmodified-Since", example_text}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Unmodified-Since", second_later}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Unmodified-Since", second_before}}), Verdict::failed);
}

TEST(Conditions, WhatIsNoDateIsIgnored) {
  EXPECT_EQ(of({{"If-Modified-Since", "yesterday"}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Unmodified-Since", "yesterday"}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Modified-Since", example_text}, {"If-Modified-Since", example_text}}), Verdict::proceed);
}

TEST(Conditions, TagsComeBeforeDates) {
  // RFC 9110, 13.2.2.
  EXPECT_EQ(of({{"If-Match", "\"xyzzy\""}, {"If-Unmodified-Since", second_before}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-None-Match", "\"other\""}, {"If-Modified-Since", second_later}}), Verdict::proceed);
  EXPECT_EQ(of({{"If-Match", "\"xyzzy\""}, {"If-None-Match", "\"xyzzy\""}}), Verdict::not_modified);
  EXPECT_EQ(of({{"If-Match", "\"other\""}, {"If-None-Match", "\"xyzzy\""}}), Verdict::failed);
  EXPECT_EQ(of({{"If-Unmodified-Since", second_later}, {"If-Modified-Since", second_later}}), Verdict::not_modified);
}

TEST(Conditions, WithoutValidatorsOnlyTheStarMatches) {
  EXPECT_EQ(judge(fields({{"If-None-Match", "\"xyzzy\""}}), {}, now), Verdict::proceed);
  EXPECT_EQ(judge(fields({{"If-None-Match", "*"}}), {}, now), Verdict::not_modified);
  EXPECT_EQ(judge(fields({{"If-Modified-Since", second_later}}), {}, now), Verdict::proceed);
  EXPECT_EQ(judge(fields({{"If-Unmodified-Since", second_before}}), {}, now), Verdict::proceed);
  EXPECT_EQ(judge(fields({{"If-Match", "\"\""}}), {}, now), Verdict::failed);
}

TEST(Conditions, ARangeAppliesToExactlyThisRepresentation) {
  const Validators current{.tag = "\"xyzzy\"", .modified = example};
  const auto applies = [&](const char* value) { return range_applies(fields({{"If-Range", value}}), current, now); };
  EXPECT_TRUE(range_applies({}, current, now));
  EXPECT_TRUE(applies("\"xyzzy\""));
  EXPECT_FALSE(applies("W/\"xyzzy\"")) << "weak tags do not tell bytes apart";
  EXPECT_FALSE(applies("\"other\""));
  EXPECT_TRUE(applies(example_text));
  EXPECT_FALSE(applies(second_later)) << "the date must be the very one";
  EXPECT_FALSE(applies("xyzzy"));
  EXPECT_FALSE(applies(""));
  EXPECT_FALSE(range_applies(fields({{"If-Range", example_text}}), {}, now));
}

}  // namespace
}  // namespace weft::static_files
