#include "util/secret.h"

#include <gtest/gtest.h>

#include <sstream>

namespace weft {
namespace {

TEST(Secret, EveryWayToPrintItPrintsStars) {
  const Secret secret("hunter2");
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "***");
  EXPECT_EQ(to_string(secret), "***");
  EXPECT_EQ(testing::PrintToString(secret), "***");
  EXPECT_EQ(secret.reveal(), "hunter2");
}

TEST(Secret, IsGoneFromWhereItWasMovedOrWipedFrom) {
  // Short enough to be within the string itself, where a move copies.
  Secret short_one("short");
  Secret moved(std::move(short_one));
  EXPECT_EQ(moved.reveal(), "short");
  EXPECT_TRUE(short_one.empty());  // NOLINT: that is what is tested
  EXPECT_EQ(std::string_view(short_one.reveal().data(), 5), std::string_view("\0\0\0\0\0", 5));

  std::string text = "a value too long for the string itself, so it is elsewhere";
  const std::size_t size = text.size();
  const char* bytes = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string_view(bytes, size), std::string(size, '\0'));
}

TEST(Secret, AssigningKeepsTheNewValue) {
  Secret a("one"), b("two");
  a = b;
  EXPECT_EQ(a.reveal(), "two");
  EXPECT_EQ(b.reveal(), "two");
  a = Secret("three");
  EXPECT_EQ(a.reveal(), "three");
  Secret& same = a;
  a = same;
  EXPECT_EQ(a.reveal(), "three");
}

}  // namespace
}  // namespace weft
