// What a connection makes of requests' bodies, and whom it refuses.
#include <gtest/gtest.h>

#include "http/connection.h"
#include "http/testing/connection_fixture.h"

namespace weft::http {
namespace {

using testing::ConnectionTest;
using testing::hello;
using testing::is_status;
using namespace std::chrono_literals;

using RequestTest = ConnectionTest;

TEST_F(RequestTest, AnUnreadBodyIsDroppedAndTheConnectionKept) {
  open();
  EXPECT_EQ(ask(post("content-length: 3\r\n", "abc") + get()), hello + hello);
  EXPECT_EQ(ask(post("transfer-encoding: chunked\r\n", "3\r\nabc\r\n")), hello);
  EXPECT_EQ(ask("0\r\n\r\n" + get()), hello);
  EXPECT_EQ(requests.size(), 4u);
}

TEST_F(RequestTest, AnUnreadBodyThatIsLongEndsTheConnection) {
  limits_.drained_body_bytes = 1000;
  open();
  EXPECT_NE(ask(post("content-length: 1001\r\n")).find("connection: close"), std::string::npos);
  end_input();
  EXPECT_FALSE(is_open);

  open();
  EXPECT_EQ(ask(post("transfer-encoding: chunked\r\n")), hello);
  send("400\r\n" + std::string(1024, 'x'));
  EXPECT_TRUE(transport->half_closed);
}

TEST_F(RequestTest, ABodyOnlyComesAsFastAsItIsRead) {
  std::shared_ptr<Exchange> exchange;
  on_request = [&](auto given) { exchange = given; };
  open();
  const std::size_t total = 1 << 20;
  transport->incoming = post("content-length: " + std::to_string(total) + "\r\n") + std::string(total, 'z');
  settle();
  EXPECT_GT(transport->incoming.size(), total - 3 * body_pipe_capacity);
  EXPECT_FALSE(transport->is_reading());
  std::size_t read = 0;
  while (!exchange->request_body().at_end()) {
    ASSERT_LE(exchange->request_body().size(), body_pipe_capacity);
    const std::size_t count = std::min<std::size_t>(exchange->request_body().size(), 5000);
    ASSERT_GT(count, 0u);
    exchange->request_body().consume(count);
    read += count;
    settle();
  }
  EXPECT_EQ(read, total);
  exchange->respond({}, "hello");
  settle();
  EXPECT_EQ(received(), hello);
}

TEST_F(RequestTest, TrailersReachTheHandler) {
  std::optional<Fields> trailers;
  on_request = [&](auto exchange) {
    trailers = exchange->request_body().trailers();
    exchange->respond({}, "hello");
  };
  open();
  ask(post("transfer-encoding: chunked\r\n", "1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n"));
  ASSERT_TRUE(trailers);
  EXPECT_EQ(trailers->get("x-sum"), "7");
}

TEST_F(RequestTest, AClientThatAsksFirstIsToldToContinueWhenItsBodyIsWanted) {
  std::shared_ptr<Exchange> exchange;
  on_request = [&](auto given) { exchange = given; };
  open();
  EXPECT_EQ(ask(post("expect: 100-continue\r\ncontent-length: 5\r\n")), "HTTP/1.1 100 Continue\r\n\r\n");
  send("12345");
  EXPECT_EQ(exchange->request_body().take_all(), "12345");
  exchange->respond({}, "hello");
  settle();
  EXPECT_EQ(received(), hello);
  EXPECT_TRUE(is_open);
}

TEST_F(RequestTest, AClientThatAsksFirstAndIsAnsweredAtOnceIsNotToldToContinue) {
  open();
  const std::string answer = ask(post("expect: 100-continue\r\ncontent-length: 5\r\n"));
  EXPECT_TRUE(is_status(answer, 200));
  // It may send the body or not: what follows could not be told from it.
  EXPECT_NE(answer.find("connection: close"), std::string::npos);
  end_input();
  EXPECT_FALSE(is_open);
}

TEST_F(RequestTest, TheContinueComesBeforeAResponseThatStreams) {
  on_request = [](auto exchange) { exchange->respond_streaming({}).write("x"); };
  open();
  EXPECT_TRUE(ask(post("expect: 100-continue\r\ncontent-length: 5\r\n"))
                  .starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(RequestTest, NobodyIsToldToContinueWhoDoesNotWait) {
  on_request = [](const auto&) {};
  open();
  EXPECT_EQ(ask(post("expect: 100-continue\r\ncontent-length: 5\r\n", "1")), "");
  connection->close();
  settle();
  open();
  EXPECT_EQ(ask("POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n"), "");
}

TEST_F(RequestTest, ABodyThatIsNotWantedIsNotAskedFor) {
  std::shared_ptr<Exchange> exchange;
  on_request = [&](auto given) {
    given->request_body().cancel();
    exchange = given;
  };
  open();
  EXPECT_EQ(ask(post("expect: 100-continue\r\ncontent-length: 5\r\n")), "");
  exchange->respond({.status = 403, .fields = {}}, "");
  settle();
  EXPECT_TRUE(is_status(received(), 403));
}

// ---- refusals ----

TEST_F(RequestTest, ARequestThatIsRefusedGetsItsStatusAndTheEndOfTheConnection) {
  limits_.body_bytes = 100;
  struct Case {
    std::string bytes;
    unsigned status;
  };
  for (const Case& c : {Case{"nonsense\r\n\r\n", 400},
                        {get("/" + std::string(17000, 'a')), 414},
                        {get("/", "a: " + std::string(70000, 'a') + "\r\n"), 431},
                        {"GET / HTTP/2.0\r\nhost: x\r\n\r\n", 505},
                        {post("transfer-encoding: gzip, chunked\r\n"), 501},
                        {post("content-length: 101\r\n"), 413},
                        {post("transfer-encoding: chunked\r\n", "65\r\n" + std::string(101, 'a') + "\r\n"), 413},
                        {post("transfer-encoding: chunked\r\n", "x\r\n"), 400}}) {
    open();
    requests.clear();
    const std::string answer = ask(c.bytes + get("/after"));
    EXPECT_TRUE(is_status(answer, c.status)) << c.bytes.substr(0, 100);
    EXPECT_NE(answer.find("connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(requests.empty());
    EXPECT_TRUE(transport->half_closed);
    // What the client is still sending is taken, so that it can read the answer.
    send(std::string(10'000, 'x'));
    EXPECT_TRUE(transport->incoming.empty());
    end_input();
    EXPECT_FALSE(is_open);
  }
}

TEST_F(RequestTest, ARefusedClientIsNotListenedToForEver) {
  limits_.drained_body_bytes = 1000;
  open();
  ask("nonsense\r\n\r\n");
  send(std::string(20'000, 'x'));
  EXPECT_FALSE(is_open);

  open();
  ask("nonsense\r\n\r\n");
  look_after(2100ms);
  EXPECT_FALSE(is_open);
}

TEST_F(RequestTest, TheAnswersBeforeARefusalAreSent) {
  open();
  const std::string answers = ask(get() + "nonsense\r\n\r\n");
  EXPECT_TRUE(answers.starts_with(hello + "HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(RequestTest, AFaultInABodyEndsARequestThatHasNoResponse) {
  struct Case {
    const char* rest;
    unsigned status;
    BodyFault fault;
  };
  limits_.body_bytes = 10;
  for (const Case& c :
       {Case{"zz\r\n", 400, BodyFault::malformed}, {"10\r\n0123456789abcdef", 413, BodyFault::too_large}}) {
    std::shared_ptr<Exchange> exchange;
    int gone = 0;
    on_request = [&](auto given) {
      exchange = given;
      exchange->on_client_gone = [&] { ++gone; };
    };
    open();
    EXPECT_EQ(ask(post("transfer-encoding: chunked\r\n", "1\r\na\r\n")), "");
    EXPECT_TRUE(is_status(ask(c.rest), c.status));
    EXPECT_EQ(gone, 1);
    exchange->request_body().take_all();
    EXPECT_TRUE(exchange->request_body().failed());
    EXPECT_EQ(exchange->request_body().fault(), c.fault);
    // What the handler does now reaches nobody.
    exchange->respond({}, "late");
    settle();
    EXPECT_EQ(received(), "");
    end_input();
    EXPECT_FALSE(is_open);
  }
}

TEST_F(RequestTest, AFaultInABodyLeavesAResponseThatHasBegun) {
  std::shared_ptr<Exchange> exchange;
  on_request = [&](auto given) {
    exchange = given;
    exchange->respond_streaming({}).write("a");
  };
  open();
  EXPECT_TRUE(is_status(ask(post("transfer-encoding: chunked\r\n")), 200));
  send("nonsense\r\n");
  EXPECT_TRUE(exchange->request_body().failed());
  exchange->response_body().write("b");
  exchange->response_body().finish();
  settle();
  EXPECT_EQ(received(), "1\r\nb\r\n0\r\n\r\n");
  end_input();
  EXPECT_FALSE(is_open);
}

}  // namespace
}  // namespace weft::http
