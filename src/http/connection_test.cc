#include "http/connection.h"

#include <gtest/gtest.h>

#include "http/testing/connection_fixture.h"

namespace weft::http {
namespace {

using testing::ConnectionTest;
using testing::hello;
using testing::is_status;
using namespace std::chrono_literals;

// ---- one request after the other ----

TEST_F(ConnectionTest, ARequestAnsweredAtOnceCostsOneReadAndOneWrite) {
  open();
  for (std::size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(ask(get()), hello);
    EXPECT_EQ(transport->reads, i + 1);
    EXPECT_EQ(transport->writes, i);
  }
}

TEST_F(ConnectionTest, PipelinedRequestsAreAnsweredInOrderAndTogether) {
  on_request = [](auto exchange) { exchange->respond({}, exchange->request().path_with_query); };
  open();
  const std::string answers = ask(get("/1") + get("/2") + get("/3"));
  EXPECT_EQ(answers,
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/1HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/2"
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/3");
  EXPECT_EQ(transport->writes, 1u);
}

TEST_F(ConnectionTest, ARequestIsTheSameHoweverItsBytesArrive) {
  const std::string bytes = get("/a", "x: 1\r\n") + post("content-length: 3\r\n", "abc") +
                            post("transfer-encoding: chunked\r\n", "2\r\nde\r\n1\r\nf\r\n0\r\n\r\n") + get("/b");
  on_request = [](auto exchange) {
    // Answers with the body, when that is complete.
    BodyPipe& body = exchange->request_body();
    body.on_readable = [exchange] {
      if (exchange->request_body().finished()) exchange->respond({}, exchange->request_body().take_all());
    };
    body.on_readable();
  };
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    open();
    transport->piece = piece;
    const std::string answers = ask(bytes);
    EXPECT_EQ(answers,
              "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc"
              "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\ndefHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        << piece;
    connection->close();
    settle();
  }
}

TEST_F(ConnectionTest, TheHandlerSeesWhatWasSentAndByWhom) {
  on_request = [](auto exchange) {
    const RequestHead& head = exchange->request();
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.scheme, "http");
    EXPECT_EQ(head.authority, "x");
    EXPECT_EQ(head.path_with_query, "/p?q");
    EXPECT_EQ(head.client_address, "192.0.2.1:4711");
    EXPECT_EQ(head.fields.get("accept"), "*/*");
    EXPECT_TRUE(exchange->request_body().at_end());
    exchange->respond({}, "");
  };
  open();
  EXPECT_TRUE(is_status(ask(get("/p?q", "Accept: */*\r\n")), 200));
}

TEST_F(ConnectionTest, NothingOfARequestOrItsResponseIsLeftInTheNext) {
  on_request = [](auto exchange) {
    if (exchange->request().path_with_query != "/1") {
      EXPECT_EQ(exchange->request().fields.size(), 1u);
      EXPECT_TRUE(exchange->request_body().at_end());
      exchange->respond({}, "");
      return;
    }
    ResponseHead head{.status = 404, .fields = {}};
    head.fields.append("secret", "1");
    exchange->request_body().take_all();
    exchange->on_client_gone = [] { ADD_FAILURE() << "told of another request's client"; };
    exchange->respond(std::move(head), "body");
  };
  open();
  EXPECT_TRUE(is_status(ask("POST /1 HTTP/1.1\r\nhost: x\r\ncookie: c\r\ncontent-length: 4\r\n\r\nbody"), 404));
  EXPECT_EQ(ask(get("/2")), "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  end_input();
  EXPECT_FALSE(is_open);
}

TEST_F(ConnectionTest, TheConnectionIsKeptAsTheClientWants) {
  struct Case {
    const char* head;
    bool kept;
    const char* said;  // in the answer
  };
  for (const Case& c :
       {Case{"GET / HTTP/1.1\r\nhost: x\r\n\r\n", true, ""},
        {"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", false, "connection: close"},
        {"GET / HTTP/1.1\r\nhost: x\r\nConnection: keep-alive, Close\r\n\r\n", false, "connection: close"},
        {"GET / HTTP/1.0\r\n\r\n", false, "connection: close"},
        {"GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n", true, "connection: keep-alive"}}) {
    open();
    const std::string answer = ask(c.head);
    EXPECT_NE(answer.find(" 200 OK\r\n"), std::string::npos) << answer;
    EXPECT_NE(answer.find(c.said), std::string::npos) << answer;
    EXPECT_EQ(is_open, c.kept) << c.head;
    if (is_open) connection->close();
    settle();
  }
}

TEST_F(ConnectionTest, WhatComesAfterTheLastRequestIsDropped) {
  open();
  send(get("/", "connection: close\r\n") + get("/dropped"));
  EXPECT_EQ(requests.size(), 1u);
  EXPECT_TRUE(transport->half_closed);
  EXPECT_TRUE(is_open);
  end_input();
  EXPECT_FALSE(is_open);
}

TEST_F(ConnectionTest, ADrainingServerEndsTheConnectionWithTheAnswer) {
  std::shared_ptr<Exchange> open_exchange;
  on_request = [&](auto exchange) { open_exchange = exchange; };
  open();
  send(get());
  draining_ = true;
  connection->drain();
  settle();
  EXPECT_TRUE(is_open);
  open_exchange->respond({}, "last");
  settle();
  EXPECT_NE(received().find("connection: close"), std::string::npos);
  EXPECT_FALSE(is_open);
}

TEST_F(ConnectionTest, ADrainingServerClosesIdleConnectionsButNotOneWhoseRequestIsOnItsWay) {
  open();
  ask(get());
  draining_ = true;
  transport->incoming = get("/on-its-way");
  connection->drain();
  EXPECT_TRUE(is_open);
  settle();
  EXPECT_NE(received().find("connection: close"), std::string::npos);
  EXPECT_FALSE(is_open);

  draining_ = false;
  open();
  ask(get());
  draining_ = true;
  connection->drain();
  settle();
  EXPECT_FALSE(is_open);
}

TEST_F(ConnectionTest, ADrainingServerGivesANewConnectionAMoment) {
  open();
  draining_ = true;
  connection->drain();
  EXPECT_TRUE(is_status(ask(get()), 200));
  EXPECT_FALSE(is_open);

  open();
  connection->drain();
  look_after(1100ms);
  EXPECT_FALSE(is_open);
}

// ---- time ----

TEST_F(ConnectionTest, AHeadThatComesSlowlyIs408) {
  open();
  send("GET / HT");
  look_after(limits_.head_timeout - 1s);
  send("TP/1.1\r\nhost: x\r\n");
  EXPECT_EQ(received(), "");
  look_after(limits_.head_timeout + 1s);
  EXPECT_TRUE(is_status(received(), 408));
  EXPECT_TRUE(requests.empty());
}

TEST_F(ConnectionTest, ABodyThatComesSlowlyIs408) {
  std::shared_ptr<Exchange> exchange;
  on_request = [&](auto given) { exchange = given; };
  open();
  send(post("content-length: 3\r\n", "a"));
  look_after(limits_.body_timeout + 1s);
  EXPECT_TRUE(is_status(received(), 408));
  EXPECT_EQ(exchange->request_body().fault(), BodyFault::timed_out);
}

TEST_F(ConnectionTest, ABodyMayTakeAsLongAsItsReaderTakes) {
  std::shared_ptr<Exchange> exchange;
  on_request = [&](auto given) { exchange = given; };
  open();
  send(post("content-length: 100000\r\n", std::string(100'000, 'a')));
  look_after(limits_.body_timeout * 10);
  EXPECT_TRUE(is_open);
  EXPECT_FALSE(exchange->request_body().ended());
  exchange->request_body().take_all();
  settle();
  EXPECT_TRUE(exchange->request_body().finished());
}

TEST_F(ConnectionTest, AnUnreadBodyIsNotWaitedForLong) {
  open();
  EXPECT_EQ(ask(post("content-length: 3\r\n", "a")), hello);
  look_after(limits_.body_timeout + 1s);
  EXPECT_TRUE(transport->half_closed);
  look_after(3s);
  EXPECT_FALSE(is_open);
}

TEST_F(ConnectionTest, AConnectionWithoutARequestIsClosed) {
  open();
  look_after(limits_.head_timeout + 1s);
  EXPECT_FALSE(is_open);
  EXPECT_EQ(received(), "");

  open();
  ask(get());
  look_after(limits_.idle_timeout - 1s);
  EXPECT_EQ(ask(get()), hello);
  look_after(limits_.idle_timeout - 1s);
  EXPECT_TRUE(is_open);
  look_after(limits_.idle_timeout + 1s);
  EXPECT_FALSE(is_open);
  EXPECT_EQ(received(), "");
}

TEST_F(ConnectionTest, AHandlerMayTakeItsTime) {
  std::shared_ptr<Exchange> exchange;
  on_request = [&](auto given) { exchange = given; };
  open();
  send(get());
  look_after(24h);
  EXPECT_TRUE(is_open);
  exchange->respond({}, "hello");
  settle();
  EXPECT_EQ(received(), hello);
}

TEST_F(ConnectionTest, AClientThatTakesNothingIsClosedButASlowOneIsNot) {
  open();
  transport->window = 10;
  transport->unacknowledged = 1000;
  send(get());
  auto time = limits_.write_timeout + 1s;
  for (std::size_t left : {900u, 800u, 700u}) {
    transport->unacknowledged = left;
    look_after(time);
    EXPECT_TRUE(is_open);
    time += limits_.write_timeout + 1s;
  }
  look_after(time);
  EXPECT_FALSE(is_open);
}

}  // namespace
}  // namespace weft::http
