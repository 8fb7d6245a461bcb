#include "util/content_mark.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace weft {
namespace {

TEST(ContentMark, IsThatOfTheBytesHoweverTheyAreCut) {
  std::vector<std::byte> bytes(100'003);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 >> 3);
  const ContentMark whole = content_mark(bytes);
  EXPECT_EQ(content_mark(bytes), whole);
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{50'001}, bytes.size()}) {
    const std::span<const std::byte> pieces[] = {std::span(bytes).first(at), {}, std::span(bytes).subspan(at)};
    EXPECT_EQ(content_mark(pieces), whole) << at;
  }
}

TEST(ContentMark, IsAnotherForEveryChangeOfAByteOrOfTheLength) {
  std::set<ContentMark> marks;
  std::vector<std::byte> bytes;
  for (int size = 0; size <= 64; ++size, bytes.emplace_back()) marks.insert(content_mark(bytes));
  EXPECT_EQ(marks.size(), 65u);
  bytes.resize(64);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] = static_cast<std::byte>(1 << bit);
      EXPECT_TRUE(marks.insert(content_mark(bytes)).second);
    }
    bytes[at] = std::byte{0};
  }
}

TEST(ContentMark, AJointOneTellsWhichContentsAndInWhichOrder) {
  const std::byte one[] = {std::byte{1}}, two[] = {std::byte{2}}, both[] = {std::byte{1}, std::byte{2}};
  const ContentMark a = content_mark(one), b = content_mark(two);
  EXPECT_EQ(joint_mark({a, b}), joint_mark({a, b}));
  EXPECT_NE(joint_mark({a, b}), joint_mark({b, a}));
  EXPECT_NE(joint_mark({a, b}), content_mark(both));
  EXPECT_NE(joint_mark({a}), joint_mark({a, a}));
}

}  // namespace
}  // namespace weft
