#include "http/read_buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace weft::http {
namespace {

void receive(ReadBuffer& buffer, std::string_view bytes, std::size_t room = 0) {
  const std::span<char> into = buffer.prepare(std::max(room, bytes.size()));
  std::ranges::copy(bytes, into.begin());
  buffer.commit(bytes.size());
}

TEST(ReadBuffer, GivesWhatCameAndWasNotUsed) {
  ReadBuffer buffer;
  EXPECT_EQ(buffer.view(), "");
  receive(buffer, "hello ");
  receive(buffer, "world", 100);
  EXPECT_EQ(buffer.view(), "hello world");
  buffer.consume(6);
  EXPECT_EQ(buffer.view(), "world");
  receive(buffer, "!");
  EXPECT_EQ(buffer.view(), "world!");
}

TEST(ReadBuffer, BytesMayBeUsedWhileMoreAreOnTheirWay) {
  ReadBuffer buffer;
  receive(buffer, "first");
  const std::span<char> into = buffer.prepare(6);
  buffer.consume(5);
  std::ranges::copy(std::string_view("second"), into.begin());
  buffer.commit(6);
  EXPECT_EQ(buffer.view(), "second");
}

TEST(ReadBuffer, UsesItsMemoryAgain) {
  ReadBuffer buffer;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece = std::to_string(i);
    receive(buffer, piece, 100);
    expected += piece;
    const std::size_t count = std::min<std::size_t>(buffer.view().size(), 3);
    EXPECT_EQ(buffer.view().substr(0, count), expected.substr(0, count));
    buffer.consume(count);
    expected.erase(0, count);
  }
  EXPECT_LE(buffer.capacity(), 300u);
  buffer.consume(buffer.view().size());
  buffer.release();
  EXPECT_EQ(buffer.capacity(), 0u);
  receive(buffer, "again");
  EXPECT_EQ(buffer.view(), "again");
}

}  // namespace
}  // namespace weft::http
