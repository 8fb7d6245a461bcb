#include "http/body_decoder.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

TEST(BodyDecoder, AMessageWithoutABodyIsDoneAtOnce) {
  BodyPipe pipe;
  EXPECT_TRUE(BodyDecoder().done());
  EXPECT_TRUE(BodyDecoder(BodyKind::length, 0).done());
  EXPECT_EQ(BodyDecoder().feed("next message", pipe), 0u);
}

TEST(BodyDecoder, ALengthEndsTheBodyAndLeavesTheRest) {
  BodyPipe pipe;
  BodyDecoder decoder(BodyKind::length, 5);
  EXPECT_EQ(decoder.left(), 5u);
  EXPECT_EQ(decoder.feed("hel", pipe), 3u);
  EXPECT_FALSE(pipe.finished());
  EXPECT_EQ(decoder.feed("lo HTTP/1.1", pipe), 2u);
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(pipe.take_all(), "hello");
  EXPECT_TRUE(pipe.at_end());
}

TEST(BodyDecoder, ChunksAreDecodedHoweverTheyArrive) {
  const std::string wire = "5\r\nhello\r\n1;ext=a\r\n \r\nA\r\n0123456789\r\n0\r\nX-Sum: 7\r\n\r\nrest";
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    BodyPipe pipe;
    BodyDecoder decoder(BodyKind::chunked, 0);
    std::string buffer;
    for (std::size_t at = 0; at < wire.size(); at += piece) {
      buffer += wire.substr(at, piece);
      const auto used = decoder.feed(buffer, pipe);
      ASSERT_TRUE(used);
      buffer.erase(0, *used);
    }
    EXPECT_TRUE(decoder.done());
    EXPECT_EQ(buffer, "rest");
    EXPECT_EQ(pipe.take_all(), "hello 0123456789");
    ASSERT_TRUE(pipe.trailers());
    EXPECT_EQ(pipe.trailers()->get("x-sum"), "7");
  }
}

TEST(BodyDecoder, AFullPipeStopsIt) {
  BodyPipe pipe;
  BodyDecoder decoder(BodyKind::length, 2 * body_pipe_capacity);
  const std::string bytes(2 * body_pipe_capacity, 'x');
  EXPECT_EQ(decoder.feed(bytes, pipe), body_pipe_capacity);
  EXPECT_EQ(decoder.feed(bytes, pipe), 0u);
  pipe.consume(10);
  EXPECT_EQ(decoder.feed(bytes, pipe), 10u);
}

TEST(BodyDecoder, ACancelledPipeTakesNothingAndTheBodyIsReadOn) {
  BodyPipe pipe;
  pipe.cancel();
  BodyDecoder decoder(BodyKind::length, 100'000);
  EXPECT_EQ(decoder.feed(std::string(100'000, 'x'), pipe), 100'000u);
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(pipe.size(), 0u);
}

TEST(BodyDecoder, OnlyABodyThatEndsWithTheConnectionMayEndWithIt) {
  for (const auto [kind, ends] : {std::pair(BodyKind::until_close, true), std::pair(BodyKind::length, false),
                                  std::pair(BodyKind::chunked, false)}) {
    BodyPipe pipe;
    BodyDecoder decoder(kind, 10);
    EXPECT_EQ(decoder.close(pipe), ends);
    EXPECT_EQ(pipe.finished(), ends);
  }
}

TEST(BodyDecoder, MalformedChunksAreFaults) {
  for (std::string_view wire :
       {"x\r\n", "\r\n", "5 \r\nhello", "-1\r\n", "0x5\r\nhello", "5\nhello\n", "5\r\nhelloXX", "5\r\nhello\n\n",
        "ffffffffffffffff1\r\n", "5;\x01\r\nhello\r\n", "0\r\nbad trailer\r\n\r\n", "0\r\n folded: x\r\n\r\n"}) {
    BodyPipe pipe;
    BodyDecoder decoder(BodyKind::chunked, 0);
    // A bare LF is only seen to be wrong once the line is too long.
    const auto used = decoder.feed(std::string(wire) + std::string(max_chunk_line_bytes, ' '), pipe);
    ASSERT_FALSE(used) << wire;
    EXPECT_EQ(used.error().fault, BodyFault::malformed) << wire;
  }
}

TEST(BodyDecoder, TrailersWithoutEndAreRefused) {
  BodyPipe pipe;
  BodyDecoder decoder(BodyKind::chunked, 0);
  std::string wire = "0\r\n";
  while (wire.size() < max_trailer_bytes) wire += "a: b\r\n";
  const auto used = decoder.feed(wire + "a: b\r\n\r\n", pipe);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().fault, BodyFault::trailers_too_large);
}

}  // namespace
}  // namespace weft::http
