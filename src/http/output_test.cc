#include "http/output.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

std::string all(const Output& output) {
  std::string text;
  for (std::string_view part : output.parts()) text += part;
  return text;
}

TEST(Output, KeepsTheOrderOfTextsAndThePiece) {
  Output output;
  EXPECT_TRUE(output.empty());
  output.text() += "head ";
  output.text() += "more ";
  std::string piece = "piece ";
  ASSERT_TRUE(output.takes_piece());
  output.put_piece(piece);
  EXPECT_FALSE(output.takes_piece());
  output.text() += "after";
  EXPECT_EQ(all(output), "head more piece after");
  EXPECT_EQ(output.size(), 21u);
}

TEST(Output, ForgetsWhatWasSentWhereverThatEnds) {
  for (std::size_t sent = 0; sent <= 9; ++sent) {
    Output output;
    output.text() += "abc";
    std::string piece = "def";
    output.put_piece(piece);
    output.text() += "ghi";
    output.consume(sent);
    EXPECT_EQ(all(output), std::string("abcdefghi").substr(sent));
    output.consume(9 - sent);
    EXPECT_TRUE(output.empty());
    EXPECT_TRUE(output.takes_piece());
    output.text() += "next";
    EXPECT_EQ(all(output), "next");
  }
}

TEST(Output, GivesBackLargeMemoryOnly) {
  Output output;
  output.text() += std::string(100'000, 'a');
  output.consume(100'000);
  output.shrink();
  EXPECT_LT(output.text().capacity(), 10'000u);
  output.text() += std::string(1000, 'a');
  const std::size_t kept = output.text().capacity();
  output.consume(1000);
  output.shrink();
  EXPECT_EQ(output.text().capacity(), kept);
}

}  // namespace
}  // namespace weft::http
