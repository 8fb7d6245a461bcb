// Nobody sends more than the other side takes.
#include <gtest/gtest.h>

#include "http2/testing/server_fixture.h"

namespace weft::http2 {
namespace {

using http::BodyPipe;
using http::Exchange;

class Http2Flow : public testing::ServerTest {};

TEST_F(Http2Flow, AClientSendsNoMoreThanTheHandlerTakes) {
  std::shared_ptr<Exchange> kept;
  on_request = [&](auto exchange) { kept = std::move(exchange); };
  open();
  const std::int32_t stream = client->request("POST", "/", {}, true);
  client->send_body(stream, std::string(300'000, 'x'));
  client->end_body(stream);
  settle();
  EXPECT_EQ(kept->request_body().size(), limits_.stream_window);
  std::size_t taken = 0;
  while (!kept->request_body().at_end()) {
    const std::size_t size = kept->request_body().take_all().size();
    ASSERT_GT(size, 0u);
    ASSERT_LE(size, limits_.stream_window);
    taken += size;
    settle();
  }
  EXPECT_EQ(taken, 300'000u);
}

TEST_F(Http2Flow, OneUnreadBodyDoesNotHoldUpAnother) {
  std::vector<std::shared_ptr<Exchange>> kept;
  on_request = [&](auto exchange) { kept.push_back(std::move(exchange)); };
  open();
  const std::int32_t stuck = client->request("POST", "/stuck", {}, true);
  client->send_body(stuck, std::string(100'000, 'x'));
  settle();
  const std::int32_t other = client->request("POST", "/other", {}, true);
  client->send_body(other, "body");
  client->end_body(other);
  settle();
  EXPECT_EQ(kept[1]->request_body().take_all(), "body");
}

TEST_F(Http2Flow, TheWindowOfTheConnectionComesBackFromUnreadBodies) {
  std::shared_ptr<Exchange> kept;
  on_request = [&](auto exchange) { kept = std::move(exchange); };
  limits_.connection_window = 100'000;
  open();
  // More than the connection's window in all, none of it read.
  for (int i = 0; i < 10; ++i) {
    const std::int32_t stream = client->request("POST", "/", {}, true);
    client->send_body(stream, std::string(50'000, 'x'));
    client->end_body(stream);
    settle();
    EXPECT_EQ(kept->request_body().size(), 50'000u) << i;
    kept->respond({}, "");
    settle();
    EXPECT_EQ(client->message(stream).status(), "200");
  }
}

TEST_F(Http2Flow, AHandlerWritesNoMoreThanTheClientTakes) {
  std::shared_ptr<Exchange> kept;
  std::size_t written = 0;
  on_request = [&](auto exchange) {
    kept = exchange;
    BodyPipe& out = kept->respond_streaming({});
    out.on_writable = [&] {
      while (const std::size_t room = out.writable()) {
        out.write(std::string(room, 'x'));
        written += room;
      }
    };
    out.on_writable();
  };
  open(false);
  const std::int32_t stream = client->request("GET", "/");
  settle();
  EXPECT_EQ(client->message(stream).body.size(), 65'535u);
  EXPECT_LE(written, 65'535u + http::body_pipe_capacity);
  client->open_window(0, 100'000);
  client->open_window(stream, 100'000);
  settle();
  EXPECT_EQ(client->message(stream).body.size(), 165'535u);
}

TEST_F(Http2Flow, LittleIsKeptOfWhatAClientDoesNotRead) {
  std::shared_ptr<Exchange> kept;
  on_request = [&](auto exchange) { exchange->respond({}, std::string(1 << 20, 'x')); };
  open();
  transport->window = 1000;
  client->open_window(0, 10 << 20);
  const std::int32_t stream = client->request("GET", "/");
  settle();
  transport->window = SIZE_MAX;
  settle();
  EXPECT_EQ(client->message(stream).body.size(), 1u << 20);
}

}  // namespace
}  // namespace weft::http2
