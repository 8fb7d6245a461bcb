// What a client does to bring the server down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http2/testing/server_fixture.h"

namespace weft::http2 {
namespace {

using http::Exchange;
using testing::field;
using testing::frame;
using testing::get_head;
using ::testing::IsEmpty;
using testing::KeepingServerTest;

constexpr std::uint8_t whole_head = NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM;

class Http2Attacks : public KeepingServerTest {};

TEST_F(Http2Attacks, MoreStreamsThanAllowedAreRefused) {
  limits_.streams = 10;
  keep_requests();
  open_raw();
  std::string bytes;
  for (std::uint32_t i = 0; i < 12; ++i) bytes += frame(NGHTTP2_HEADERS, whole_head, 2 * i + 1, get_head());
  send(bytes);
  EXPECT_EQ(requests.size(), 10u);
  EXPECT_EQ(std::ranges::count_if(testing::frames_of(raw_received),
                                  [](const auto& sent) {
                                    return sent.type == NGHTTP2_RST_STREAM &&
                                           testing::number_of(sent.payload) == NGHTTP2_REFUSED_STREAM;
                                  }),
            2);
  EXPECT_TRUE(is_open);
}

TEST_F(Http2Attacks, RapidResetEndsTheConnection) {
  // CVE-2023-44487: requests that are cancelled at once cost the client nothing.
  keep_requests();
  open_raw();
  std::string bytes;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    bytes += frame(NGHTTP2_HEADERS, whole_head, 2 * i + 1, get_head());
    bytes += frame(NGHTTP2_RST_STREAM, 0, 2 * i + 1, std::string("\0\0\0\x08", 4));
  }
  transport->piece = 200;
  send(bytes);
  EXPECT_EQ(goaway().error, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_LE(requests.size(), limits_.early_ends + 5);
  for (const auto& exchange : kept) EXPECT_TRUE(exchange->client_gone());
}

TEST_F(Http2Attacks, AResetInTheSamePacketCostsNoRequest) {
  open_raw();
  send(frame(NGHTTP2_HEADERS, whole_head, 1, get_head()) +
       frame(NGHTTP2_RST_STREAM, 0, 1, std::string("\0\0\0\x08", 4)));
  EXPECT_THAT(requests, IsEmpty());
}

TEST_F(Http2Attacks, StreamsThatWeAreMadeToResetCountAsWell) {
  // CVE-2025-8671: a window above the largest makes the server reset a stream.
  keep_requests();
  open_raw();
  std::string bytes;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    bytes += frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 2 * i + 1, get_head());
    bytes += frame(NGHTTP2_WINDOW_UPDATE, 0, 2 * i + 1, "\x7f\xff\xff\xff");
  }
  transport->piece = 200;
  send(bytes);
  EXPECT_EQ(goaway().error, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_LE(requests.size(), limits_.early_ends + 5);
}

TEST_F(Http2Attacks, ACancelledPageIsNoAttack) {
  keep_requests();
  open();
  for (int page = 0; page < 2; ++page) {
    std::vector<std::int32_t> streams;
    for (std::uint32_t i = 0; i < limits_.streams; ++i) streams.push_back(client->request("GET", "/"));
    settle();
    for (const std::int32_t stream : streams) client->reset(stream);
    settle();
  }
  EXPECT_THAT(client->goaways, IsEmpty());
}

TEST_F(Http2Attacks, ContinuationsWithoutEndEndTheConnection) {
  // CVE-2024-27316.
  open_raw();
  std::string bytes = frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, get_head());
  for (int i = 0; i < 100; ++i) bytes += frame(NGHTTP2_CONTINUATION, 0, 1, field("x", "y"));
  send(bytes);
  EXPECT_EQ(goaway().error, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_THAT(requests, IsEmpty());
  end_input();
  EXPECT_FALSE(is_open);
}

TEST_F(Http2Attacks, AHeadThatUnpacksWithoutEndEndsTheConnection) {
  // CVE-2016-6581: a field that the table keeps once, and one byte each time it is used again.
  open_raw();
  std::string head = get_head();
  head += '\x40';  // literal with indexing: index 62 from now on
  head += "\x01x";
  head += "\x7f\xa1\x1e" + std::string(4000, 'v');  // a value of 4000 bytes
  head += std::string(8000, '\xbe');                // and 8000 times the same: 32 MB
  send(frame(NGHTTP2_HEADERS, whole_head, 1, head));
  expect_calm_down("a head that is too large");
  EXPECT_THAT(requests, IsEmpty());
}

TEST_F(Http2Attacks, PingsWithoutEndEndTheConnection) {
  open_raw();
  std::string bytes;
  for (int i = 0; i < 2000; ++i) bytes += frame(NGHTTP2_PING, 0, 0, "12345678");
  transport->piece = 1000;
  send(bytes);
  expect_calm_down("too many frames that ask for nothing");
}

TEST_F(Http2Attacks, SettingsWithoutEndEndTheConnection) {
  open_raw();
  std::string bytes;
  for (int i = 0; i < 2000; ++i) bytes += frame(NGHTTP2_SETTINGS, 0, 0, "");
  transport->piece = 1000;
  send(bytes);
  expect_calm_down("too many frames that ask for nothing");
}

TEST_F(Http2Attacks, EmptyFramesOfOneBodyEndTheConnection) {
  keep_requests();
  open_raw();
  std::string bytes = frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, get_head());
  for (int i = 0; i < 2000; ++i) bytes += frame(NGHTTP2_DATA, 0, 1, "");
  send(bytes);
  expect_calm_down("too many frames that ask for nothing");
  EXPECT_TRUE(kept[0]->client_gone());
}

TEST_F(Http2Attacks, APingNowAndThenIsNoAttack) {
  open();
  for (int i = 0; i < 3000; ++i) {
    client->ping();
    if (i % 500 == 0) ask("GET", "/");
    settle();
  }
  EXPECT_EQ(client->pongs, 3000u);
}

TEST_F(Http2Attacks, AnswersThatNobodyReadsAreNotPiledUp) {
  limits_.idle_frames = 1e9;
  open_raw();
  transport->window = 0;
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes += frame(NGHTTP2_PING, 0, 0, "12345678");
  send(bytes);
  transport->window = SIZE_MAX;
  settle();
  EXPECT_EQ(goaway().error, NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_F(Http2Attacks, RefusalsThatNobodyReadsAreNotPiledUp) {
  limits_.streams = 1;
  limits_.idle_frames = 1e9;
  keep_requests();
  open_raw();
  transport->window = 0;
  std::string bytes;
  for (std::uint32_t i = 0; i < 20'000; ++i) bytes += frame(NGHTTP2_HEADERS, whole_head, 2 * i + 1, get_head());
  send(bytes);
  transport->window = SIZE_MAX;
  settle();
  EXPECT_EQ(goaway().error, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_EQ(requests.size(), 1u);
}

TEST_F(Http2Attacks, MoreThanTheWindowIsAnError) {
  keep_requests();
  open_raw();
  std::string bytes = frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, get_head());
  for (int i = 0; i < 5; ++i) bytes += frame(NGHTTP2_DATA, 0, 1, std::string(16'384, 'x'));
  send(bytes);
  EXPECT_LE(kept[0]->request_body().size(), http::body_pipe_capacity);
  EXPECT_TRUE(kept[0]->client_gone());
}

}  // namespace
}  // namespace weft::http2
