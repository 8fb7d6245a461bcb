#include "providers/redis/reply.h"

#include <gtest/gtest.h>

namespace weft::provider::redis {
namespace {

using Kind = Reply::Kind;

TEST(Reply, OfEveryKindIsRead) {
  ReplyReader reader;
  ASSERT_TRUE(reader.feed(std::string_view("+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\rb\r\n$-1\r\n$0\r\n\r\n")));
  auto next = [&] { return std::move(*reader.next().value()); };
  Reply reply = next();
  EXPECT_EQ(reply.kind, Kind::status);
  EXPECT_EQ(reply.text, "OK");
  reply = next();
  EXPECT_EQ(reply.kind, Kind::error);
  EXPECT_EQ(reply.text, "ERR no");
  EXPECT_EQ(next().integer, -7);
  EXPECT_EQ(next().text, "a\rb");
  EXPECT_EQ(next().kind, Kind::nil);
  reply = next();
  EXPECT_EQ(reply.kind, Kind::string);
  EXPECT_EQ(reply.text, "");
  EXPECT_EQ(reader.next().value(), nullptr);
}

TEST(Reply, ArraysNestAndArriveInPieces) {
  ReplyReader reader;
  const std::string_view text = "*2\r\n$1\r\n0\r\n*3\r\n$1\r\na\r\n$-1\r\n:5\r\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_EQ(reader.next().value(), nullptr);
    ASSERT_TRUE(reader.feed(text.substr(i, 1)));
  }
  const auto reply = reader.next().value();
  ASSERT_EQ(reply->kind, Kind::array);
  ASSERT_EQ(reply->elements.size(), 2u);
  ASSERT_EQ(reply->elements[1]->elements.size(), 3u);
  EXPECT_EQ(reply->elements[1]->elements[0]->text, "a");
  EXPECT_EQ(reply->elements[1]->elements[1]->kind, Kind::nil);
  EXPECT_EQ(reply->elements[1]->elements[2]->integer, 5);
}

TEST(Reply, WhatIsNoneEndsTheReading) {
  for (const std::string_view text : {"hello\r\n", ":x\r\n", "$x\r\n", "*-7\r\n", "*99999999999\r\n", "*2000000000\r\n",
                                      "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
    ReplyReader reader;
    ASSERT_TRUE(reader.feed(text));
    EXPECT_FALSE(reader.next()) << text;
  }
}

TEST(Reply, BeyondTheLimitIsLeftOutAndMarked) {
  ReplyReader reader;
  const std::string value(10 << 20, 'v');
  const std::string bulk = "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
  ASSERT_TRUE(reader.feed(std::string_view("*20\r\n")));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(reader.feed(bulk));
    const auto reply = reader.next();
    ASSERT_TRUE(reply);
    if (i < 19) {
      EXPECT_EQ(*reply, nullptr);
      continue;
    }
    EXPECT_TRUE((*reply)->too_big);
    EXPECT_EQ((*reply)->elements.back()->text, "");
  }
  ASSERT_TRUE(reader.feed(std::string_view("+OK\r\n")));
  EXPECT_FALSE(reader.next().value()->too_big);
}

TEST(Reply, AStringThatIsTooLongIsNotKept) {
  ReplyReader reader;
  ASSERT_TRUE(reader.feed(std::string_view("$9000000000\r\n")));
  const std::string piece(8 << 20, 'x');
  std::size_t fed = 0;
  Result<void> done;
  while ((done = reader.feed(piece))) {
    fed += piece.size();
    ASSERT_EQ(reader.next().value(), nullptr);
    ASSERT_LE(fed, max_reply_bytes);
  }
  EXPECT_EQ(done.error().code(), Errc::limit);
}

}  // namespace
}  // namespace weft::provider::redis
