// A connection whose handler or client does what it should not, or whose socket fails.
#include <gtest/gtest.h>

#include "http/connection.h"
#include "http/testing/connection_fixture.h"

namespace weft::http {
namespace {

using testing::hello;
using testing::is_status;

using FaultsTest = testing::KeepingTest;

TEST_F(FaultsTest, AHandlerThatThrowsIs500) {
  on_request = [](const auto&) { throw std::runtime_error("oh no"); };
  open();
  EXPECT_TRUE(is_status(ask(get()), 500));
  ASSERT_EQ(log_lines.size(), 1u);
  EXPECT_NE(log_lines[0].find("oh no"), std::string::npos);
  EXPECT_TRUE(is_open);

  on_request = [](const auto&) { throw 7; };
  EXPECT_TRUE(is_status(ask(get()), 500));
  EXPECT_TRUE(is_open);

  on_request = [](const auto& given) {
    given->respond_streaming({}).write("part");
    throw std::runtime_error("too late");
  };
  EXPECT_TRUE(ask(get()).ends_with("4\r\npart\r\n"));
  EXPECT_FALSE(is_open);
}

TEST_F(FaultsTest, ABodysReaderThatThrowsEndsTheConnection) {
  on_request = [](const auto& given) { given->request_body().on_readable = [] { throw std::runtime_error("oh no"); }; };
  open();
  send(post("content-length: 5\r\n"));
  send("12345");
  EXPECT_FALSE(is_open);
  ASSERT_EQ(log_lines.size(), 1u);
  EXPECT_NE(log_lines[0].find("oh no"), std::string::npos);
}

TEST_F(FaultsTest, AHandlerThatAnswersTwiceIsHeardOnce) {
  on_request = [](const auto& given) {
    given->respond({}, "hello");
    given->respond({.status = 500, .fields = {}}, "no, wait");
  };
  open();
  EXPECT_EQ(ask(get() + get()), hello + hello);
}

TEST_F(FaultsTest, AClientThatLeavesEndsTheRequestOnce) {
  int gone = 0;
  on_request = [&](auto given) {
    exchange = given;
    given->on_client_gone = [&] { ++gone; };
  };
  open();
  send(post("content-length: 5\r\n", "ab"));
  end_input();
  EXPECT_FALSE(is_open);
  EXPECT_EQ(gone, 1);
  EXPECT_TRUE(exchange->client_gone());
  EXPECT_TRUE(exchange->response_body().cancelled());
  EXPECT_EQ(exchange->request_body().take_all(), "ab");
  EXPECT_TRUE(exchange->request_body().failed());
  BodyPipe& body = exchange->respond_streaming({});
  EXPECT_EQ(body.writable(), 0u);
  body.write("to nobody");
  body.finish();
  settle();
  EXPECT_EQ(received(), "");
}

TEST_F(FaultsTest, AClientThatEndsOnlyItsOwnSideGetsWhatIsComplete) {
  const std::string large(300'000, 'x');
  keep_requests();
  int gone = 0;
  open();
  transport->window = 10;
  send(get());
  exchange->on_client_gone = [&] { ++gone; };
  exchange->respond({}, large);
  end_input();
  while (transport->is_writing()) {
    transport->window = 50'000;
    settle();
  }
  EXPECT_TRUE(received() == "HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n" + large);
  EXPECT_EQ(gone, 0);
  EXPECT_FALSE(is_open);
}

TEST_F(FaultsTest, AClientThatEndsItsSideGetsNoMoreOfABodyThatIsStillMade) {
  keep_requests();
  open();
  send(get());
  exchange->respond_streaming({}).write("part");
  settle();
  end_input();
  EXPECT_TRUE(exchange->client_gone());
  EXPECT_FALSE(is_open);
}

TEST_F(FaultsTest, AClientThatLeavesIsNoticedWhileTheHandlerWaits) {
  keep_requests();
  open();
  send(get());
  EXPECT_TRUE(transport->is_reading());
  // Also behind a request that waits for its turn.
  send(get());
  end_input();
  EXPECT_TRUE(exchange->client_gone());
  EXPECT_FALSE(is_open);
}

TEST_F(FaultsTest, AnExchangeMayOutliveItsConnection) {
  keep_requests();
  open();
  send(get());
  connection->close();
  settle();
  connection = nullptr;
  exchange->respond({}, "late");
  exchange->request_body().take_all();
  EXPECT_TRUE(exchange->client_gone());
}

TEST_F(FaultsTest, AnExchangeThatItsOwnCallbacksHoldIsLetGo) {
  for (const bool answered : {true, false}) {
    std::weak_ptr<Exchange> watched;
    on_request = [&](const auto& given) {
      watched = given;
      given->on_client_gone = [given] {};
      given->request_body().on_readable = [given] {};
      given->response_body().on_writable = [given] {};
      if (answered) given->respond({}, "hello");
    };
    open();
    EXPECT_EQ(ask(get()), answered ? hello : "");
    end_input();
    EXPECT_FALSE(is_open);
    connection = nullptr;
    EXPECT_TRUE(watched.expired());
  }
}

TEST_F(FaultsTest, EveryOperationMayFail) {
  const std::string bytes = get("/1") + post("transfer-encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n") + get("/2") +
                            post("content-length: 200000\r\n", std::string(200'000, 'b'));
  std::size_t operations = SIZE_MAX;
  for (std::size_t fail_at = 1; fail_at <= operations; ++fail_at) {
    int gone = 0;
    std::shared_ptr<Exchange> kept;
    on_request = [&](auto given) {
      kept = given;
      given->on_client_gone = [&] { ++gone; };
      BodyPipe& out = given->respond_streaming({});
      const auto pump = [given, &out] {
        BodyPipe& in = given->request_body();
        while (const std::size_t count = std::min(in.size(), out.writable())) {
          out.write(in.front().substr(0, count));
          in.consume(count);
        }
        if (in.at_end()) out.finish();
        if (in.failed()) out.abort("no more input");
      };
      given->request_body().on_readable = pump;
      out.on_writable = pump;
      pump();
    };
    open();
    transport->piece = 1000;
    transport->window = 100;
    transport->fail_at = fail_at;
    send(bytes);
    while (is_open && transport->is_writing()) {
      transport->window += 50'000;
      settle();
    }
    end_input();
    EXPECT_FALSE(is_open) << fail_at;
    EXPECT_LE(gone, 1);
    EXPECT_FALSE(transport->is_reading() || transport->is_writing());
    // The handler's end of things still works.
    kept->response_body().write("x");
    kept->response_body().finish();
    kept->request_body().on_readable = nullptr;
    kept->response_body().on_writable = nullptr;
    kept = nullptr;
    if (transport->operations < fail_at) operations = transport->operations;
  }
  EXPECT_GT(operations, 100u);
}

TEST_F(FaultsTest, AConnectionMayBeClosedAtAnyMoment) {
  const std::string bytes = get("/1") + post("content-length: 10\r\n", "0123456789") + get("/2");
  on_request = [](const auto& given) { given->respond_streaming({}).write("part"); };
  for (std::size_t sent = 0; sent <= bytes.size(); ++sent) {
    open();
    send(bytes.substr(0, sent));
    connection->close();
    settle();
    EXPECT_FALSE(is_open);
    EXPECT_EQ(connection.use_count(), 1);
  }
}

}  // namespace
}  // namespace weft::http
