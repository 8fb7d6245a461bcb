#include "util/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace weft {
namespace {

std::string encoded(std::initializer_list<unsigned> bytes) {
  std::string out;
  for (const unsigned byte : bytes) out += static_cast<char>(byte);
  return out;
}

TEST(Utf8, TextOfEveryLengthIsWellFormed) {
  for (const char* text : {"", "plain", "\u00e9", "\u20ac", "\U0001f600", "a\u00e9\u20ac\U0001f600z", "\u007f\u0080"})
    EXPECT_TRUE(is_utf8(text)) << text;
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, TheEndsOfEachRangeAreIn) {
  EXPECT_TRUE(is_utf8(encoded({0xc2, 0x80})));
  EXPECT_TRUE(is_utf8(encoded({0xdf, 0xbf})));
  EXPECT_TRUE(is_utf8(encoded({0xe0, 0xa0, 0x80})));
  EXPECT_TRUE(is_utf8(encoded({0xed, 0x9f, 0xbf})));
  EXPECT_TRUE(is_utf8(encoded({0xee, 0x80, 0x80})));
  EXPECT_TRUE(is_utf8(encoded({0xf0, 0x90, 0x80, 0x80})));
  EXPECT_TRUE(is_utf8(encoded({0xf4, 0x8f, 0xbf, 0xbf})));
}

TEST(Utf8, OverlongSurrogatesAndWhatIsBeyondUnicodeAreNot) {
  EXPECT_FALSE(is_utf8(encoded({0xc0, 0xaf})));
  EXPECT_FALSE(is_utf8(encoded({0xc1, 0xbf})));
  EXPECT_FALSE(is_utf8(encoded({0xe0, 0x9f, 0xbf})));
  EXPECT_FALSE(is_utf8(encoded({0xf0, 0x8f, 0xbf, 0xbf})));
  EXPECT_FALSE(is_utf8(encoded({0xed, 0xa0, 0x80})));
  EXPECT_FALSE(is_utf8(encoded({0xed, 0xbf, 0xbf})));
  EXPECT_FALSE(is_utf8(encoded({0xf4, 0x90, 0x80, 0x80})));
  EXPECT_FALSE(is_utf8(encoded({0xf5, 0x80, 0x80, 0x80})));
  EXPECT_FALSE(is_utf8(encoded({0xff})));
}

TEST(Utf8, PiecesOfACharacterAreNot) {
  EXPECT_FALSE(is_utf8(encoded({0x80})));
  EXPECT_FALSE(is_utf8(encoded({0xe2, 0x82})));
  EXPECT_FALSE(is_utf8(encoded({0xe2, 0x82, 'x'})));
  EXPECT_FALSE(is_utf8(encoded({0xf0, 0x9f, 0x98})));
  EXPECT_FALSE(is_utf8(encoded({0xc3, 0xc3})));
}

}  // namespace
}  // namespace weft
