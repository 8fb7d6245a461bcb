#include "http/chunks.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

struct Decoded {
  std::string body;
  std::string rest;  // what is not of this message
  Fields trailers;
  bool done = false;
  const char* fault = nullptr;
};

// Gives the decoder `piece` bytes more at a time, and takes at most `max` of body at once.
Decoded decode(std::string_view wire, std::size_t piece = SIZE_MAX, std::size_t max = SIZE_MAX) {
  Decoded out;
  ChunkDecoder decoder;
  while (!decoder.done()) {
    const std::size_t take = std::min(piece, wire.size());
    out.rest += wire.substr(0, take);
    wire.remove_prefix(take);
    for (;;) {
      const auto step = decoder.next(out.rest, max);
      if (!step) {
        out.fault = step.error();
        return out;
      }
      out.body += step->data;
      if (step->used == 0) break;
      out.rest.erase(0, step->used);
      if (decoder.done()) break;
    }
    if (take == 0) break;
  }
  out.rest += wire;
  out.done = decoder.done();
  out.trailers = decoder.take_trailers();
  return out;
}

TEST(ChunkDecoder, DecodesHoweverTheBytesCome) {
  const std::string wire =
      "5\r\nhello\r\n00001;a=b;c=\"d e\"\r\n \r\nA\r\n0123456789\r\n0;last\r\nX-Sum: 7 \r\nX-Two:\r\n\r\nGET /";
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    for (std::size_t max : {1uz, 2uz, 3uz, 1000uz}) {
      const Decoded out = decode(wire, piece, max);
      ASSERT_TRUE(out.done) << piece;
      EXPECT_EQ(out.body, "hello 0123456789");
      EXPECT_EQ(out.rest, "GET /");
      ASSERT_EQ(out.trailers.size(), 2u);
      EXPECT_EQ(out.trailers.get("x-sum"), "7");
    }
  }
}

TEST(ChunkDecoder, TakesSizesInEitherCase) {
  EXPECT_EQ(decode("a\r\n0123456789\r\n0\r\n\r\n").body.size(), 10u);
  EXPECT_EQ(decode("1F\r\n" + std::string(31, 'x') + "\r\n0\r\n\r\n").body.size(), 31u);
  EXPECT_EQ(decode("000\r\n\r\n").body, "");
}

TEST(ChunkDecoder, WaitsForWhatIsMissing) {
  const std::string wire = "2\r\nab\r\n0\r\nx: y\r\n\r\n";
  for (std::size_t size = 0; size < wire.size(); ++size) {
    const Decoded out = decode(std::string_view(wire).substr(0, size));
    EXPECT_FALSE(out.done) << size;
    EXPECT_EQ(out.fault, nullptr) << size;
  }
}

TEST(ChunkDecoder, RefusesWhatReadersTakeForDifferentThings) {
  for (const char* wire : {"\r\n",
                           "x\r\n",
                           "-1\r\n",
                           "+1\r\n",
                           "0x1\r\n",
                           " 1\r\n",
                           "1 \r\n",
                           "1 ;a\r\n",
                           "1_0\r\n",
                           "1.\r\n",
                           ";a\r\n",
                           "10000000000000000\r\n",
                           "fffffffffffffffff\r\n",
                           "1\nab",
                           "\n",
                           "1\r\nab\r\n",
                           "1\r\na\n",
                           "1\r\na\r\r\n",
                           "1\r\na0\r\n",
                           "1\r\na\r\n\r\n0\r\n",
                           "1;\x01\r\n",
                           "1;a\rb\r\n",
                           "1;a \r\n",
                           "0\r\nx\r\n",
                           "0\r\n: y\r\n",
                           "0\r\nx : y\r\n",
                           "0\r\n x: y\r\n",
                           "0\r\nx: y\n\r\n",
                           "0\r\nx: \x01\r\n",
                           "0\r\nx: y\r\n folded\r\n"}) {
    const Decoded out = decode(wire);
    EXPECT_NE(out.fault, nullptr) << wire;
  }
}

TEST(ChunkDecoder, TakesTheLargestSizeThereIsButNoLarger) {
  ChunkDecoder decoder;
  ASSERT_TRUE(decoder.next("ffffffffffffffff\r\n", 10));
  EXPECT_EQ(decoder.next("abc", 10)->data, "abc");
  EXPECT_FALSE(decoder.done());
}

TEST(ChunkDecoder, BoundsTheSizeLineAndTheTrailers) {
  EXPECT_NE(decode("1;" + std::string(max_chunk_line_bytes, 'a')).fault, nullptr);
  EXPECT_NE(decode(std::string(max_chunk_line_bytes, '0')).fault, nullptr);
  EXPECT_EQ(decode("1;" + std::string(max_chunk_line_bytes - 4, 'a') + "\r\n").fault, nullptr);
  EXPECT_STREQ(decode("0\r\nx: " + std::string(max_trailer_bytes, 'y')).fault, trailers_too_large);
  std::string many = "0\r\n";
  while (many.size() < max_trailer_bytes + 100) many += "x: y\r\n";
  EXPECT_STREQ(decode(many).fault, trailers_too_large);
  EXPECT_STREQ(decode(many, 1).fault, trailers_too_large);
}

TEST(Chunks, AreWrittenAsTheDecoderReadsThem) {
  Fields trailers;
  trailers.append("x-sum", "7");
  const std::string wire =
      chunk_header(5) + "hello\r\n" + chunk_header(0x1234) + std::string(0x1234, 'x') + "\r\n" + last_chunk(trailers);
  const Decoded out = decode(wire);
  EXPECT_TRUE(out.done);
  EXPECT_EQ(out.body, "hello" + std::string(0x1234, 'x'));
  EXPECT_EQ(out.trailers.get("x-sum"), "7");
  EXPECT_EQ(last_chunk(std::nullopt), "0\r\n\r\n");
}

TEST(Chunks, TrailersThatFrameAMessageOrAreNoneAreLeftOut) {
  Fields trailers;
  for (const char* name : {"Content-Length", "transfer-encoding", "host", "trailer", "connection", "a b", ""}) {
    trailers.append(name, "5");
  }
  trailers.append("x", "y\r\nz: 1");
  trailers.append("good", "1");
  EXPECT_EQ(last_chunk(trailers), "0\r\ngood: 1\r\n\r\n");
}

}  // namespace
}  // namespace weft::http
