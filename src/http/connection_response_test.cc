// What a connection makes of a handler's answer.
#include <gtest/gtest.h>

#include "http/connection.h"
#include "http/testing/connection_fixture.h"

namespace weft::http {
namespace {

using testing::hello;
using testing::is_status;

using ResponseTest = testing::KeepingTest;

TEST_F(ResponseTest, AWholeBodyHasItsLength) {
  ResponseHead head;
  head.fields.append("content-length", "17");
  head.fields.append("x", "y");
  on_request = [&](auto given) { given->respond(head, "hello"); };
  open();
  EXPECT_EQ(ask(get()), "HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 5\r\n\r\nhello");
}

ResponseHead hints(unsigned status = 103) {
  ResponseHead head{.status = status, .fields = {}};
  head.fields.append("link", "</style.css>");
  head.fields.append("content-length", "5");
  return head;
}
constexpr const char* sent_hints = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";

TEST_F(ResponseTest, InformationalResponsesGoAheadOfTheFinalOne) {
  keep_requests();
  open();
  send(get());
  EXPECT_TRUE(exchange->inform(hints()));
  settle();
  EXPECT_EQ(received(), sent_hints);
  EXPECT_TRUE(exchange->inform(hints()));
  exchange->respond({}, "hello");
  EXPECT_FALSE(exchange->inform(hints())) << "the response has begun";
  settle();
  EXPECT_EQ(received(), std::string(sent_hints) + hello);

  on_request = [](auto given) {
    EXPECT_TRUE(given->inform(hints()));
    given->respond({}, "hello");
  };
  EXPECT_EQ(ask(get()), std::string(sent_hints) + hello) << "within the handler";
}

TEST_F(ResponseTest, WhatIsNoInformationalResponseIsNotSent) {
  on_request = [](auto given) {
    for (const unsigned status : {0U, 100U, 101U, 200U, 500U}) EXPECT_FALSE(given->inform(hints(status))) << status;
    ResponseHead bad = hints();
    bad.fields.append("x", "a\r\nb");
    EXPECT_FALSE(given->inform(std::move(bad)));
    ResponseHead large = hints();
    large.fields.append("x", std::string(max_informational_bytes, 'y'));
    EXPECT_FALSE(given->inform(std::move(large)));
    given->respond({}, "hello");
  };
  open();
  EXPECT_EQ(ask(get()), hello);
}

TEST_F(ResponseTest, ThereAreOnlySoManyInformationalResponses) {
  on_request = [](auto given) {
    for (unsigned i = 0; i < max_informational; ++i) EXPECT_TRUE(given->inform(hints()));
    EXPECT_FALSE(given->inform(hints()));
    given->respond({}, "hello");
  };
  open();
  std::string expected;
  for (unsigned i = 0; i < max_informational; ++i) expected += sent_hints;
  EXPECT_EQ(ask(get()), expected + hello);
  EXPECT_EQ(ask(get()), expected + hello) << "for each request";
}

TEST_F(ResponseTest, AClientOfHttp10IsNotInformed) {
  on_request = [](auto given) {
    EXPECT_FALSE(given->inform(hints()));
    given->respond({}, "hello");
  };
  open();
  EXPECT_TRUE(ask("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200 OK\r\n"));
}

TEST_F(ResponseTest, ABodyThatStreamsIsChunked) {
  keep_requests();
  open();
  send(get());
  BodyPipe& body = exchange->respond_streaming({});
  settle();
  EXPECT_EQ(received(), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  body.write("0123456789abcdef");
  settle();
  EXPECT_EQ(received(), "10\r\n0123456789abcdef\r\n");
  Fields trailers;
  trailers.append("x-sum", "1");
  trailers.append("content-length", "5");
  body.finish(std::move(trailers));
  settle();
  EXPECT_EQ(received(), "0\r\nx-sum: 1\r\n\r\n");
  EXPECT_EQ((on_request = [](auto given) { given->respond({}, "hello"); }, ask(get())), hello);
}

TEST_F(ResponseTest, ABodyThatStreamsWithAGivenLengthIsNotChunked) {
  keep_requests();
  open();
  send(get());
  ResponseHead head;
  head.fields.append("Content-Length", "6");
  BodyPipe& body = exchange->respond_streaming(std::move(head));
  body.write("abc");
  settle();
  EXPECT_EQ(received(), "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabc");
  body.write("def");
  body.finish();
  settle();
  EXPECT_EQ(received(), "def");
  EXPECT_TRUE(is_open);
}

TEST_F(ResponseTest, ABodyOfAnotherLengthThanAnnouncedEndsTheConnection) {
  for (const char* sent : {"abcdefg", "abc"}) {
    keep_requests();
    log_lines.clear();
    open();
    send(get());
    ResponseHead head;
    head.fields.append("content-length", "6");
    BodyPipe& body = exchange->respond_streaming(std::move(head));
    settle();
    body.write(sent);
    body.finish();
    settle();
    EXPECT_FALSE(is_open) << sent;
    EXPECT_FALSE(received().ends_with("abcdefg"));
    EXPECT_TRUE(exchange->client_gone());
    EXPECT_EQ(log_lines.size(), 1u) << sent;
  }
}

TEST_F(ResponseTest, AGivenLengthThatIsNoNumberIsNoLength) {
  for (const char* given : {"", "x", "-1", "5x", "+5", "99999999999999999999999"}) {
    on_request = [given](auto at) {
      ResponseHead head;
      head.fields.append("content-length", given);
      at->respond_streaming(std::move(head)).write("hello");
      at->response_body().abort("");
    };
    open();
    EXPECT_TRUE(ask(get()).starts_with("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")) << given;
  }
}

TEST_F(ResponseTest, ABodyThatIsGivenUpDoesNotLookComplete) {
  keep_requests();
  open();
  send(get());
  exchange->respond_streaming({}).write("part");
  settle();
  exchange->response_body().abort("the guest trapped");
  settle();
  EXPECT_EQ(received(), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n");
  EXPECT_FALSE(is_open);

  open();
  send("GET / HTTP/1.0\r\n\r\n");
  exchange->respond_streaming({}).write("part");
  settle();
  exchange->response_body().abort("the guest trapped");
  settle();
  EXPECT_TRUE(transport->abruptly);
}

TEST_F(ResponseTest, ABodyGivenUpBeforeAnythingWasSentIs500) {
  keep_requests();
  open();
  send(get());
  exchange->respond_streaming({}).abort("the guest trapped");
  settle();
  EXPECT_EQ(received(), "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n");
  EXPECT_TRUE(is_open);
}

TEST_F(ResponseTest, OldClientsGetABodyThatTheConnectionEnds) {
  keep_requests();
  open();
  send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  BodyPipe& body = exchange->respond_streaming({});
  body.write("abc");
  settle();
  Fields trailers;
  trailers.append("x", "y");
  body.finish(std::move(trailers));
  settle();
  EXPECT_EQ(received(), "HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nabc");
  EXPECT_FALSE(is_open);
  EXPECT_FALSE(transport->abruptly);
}

TEST_F(ResponseTest, AResponseToHeadHasNoBody) {
  open();
  EXPECT_EQ(ask("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n"), "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
  on_request = [](auto at) {
    ResponseHead head;
    head.fields.append("content-length", "1000");
    at->respond(std::move(head), "");
  };
  EXPECT_EQ(ask("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n"), "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
  bool cancelled = false;
  on_request = [&](auto at) {
    BodyPipe& body = at->respond_streaming({});
    body.write("unseen");
    body.on_writable = [&] { cancelled = body.cancelled(); };
  };
  EXPECT_EQ(ask("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n"), "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(cancelled);
  EXPECT_TRUE(is_open);
}

TEST_F(ResponseTest, SomeStatusesHaveNoBody) {
  for (unsigned status : {204u, 304u}) {
    on_request = [status](auto at) {
      ResponseHead head{.status = status, .fields = {}};
      head.fields.append("content-length", "6");
      at->respond(std::move(head), "unseen");
    };
    open();
    const std::string answer = ask(get() + get());
    EXPECT_EQ(answer.find("unseen"), std::string::npos);
    EXPECT_EQ(answer.find("content-length"), std::string::npos);
    EXPECT_EQ(requests.size(), 2u);
    requests.clear();
  }
}

TEST_F(ResponseTest, AHeadThatWouldBeReadAsSomethingElseIs500) {
  struct Case {
    unsigned status;
    const char* name;
    const char* value;
  };
  for (const Case& c : {Case{100, "a", "b"},
                        {101, "a", "b"},
                        {0, "a", "b"},
                        {1000, "a", "b"},
                        {200, "a: b\r\nc", "d"},
                        {200, "", "b"},
                        {200, "a b", "c"},
                        {200, "a", "b\r\nset-cookie: c"},
                        {200, "a", "b\nc"},
                        {200, "a", "b\r"},
                        {200, "a", " b"}}) {
    log_lines.clear();
    on_request = [&](auto at) {
      ResponseHead head{.status = c.status, .fields = {}};
      head.fields.append(c.name, c.value);
      at->respond(std::move(head), "unseen");
    };
    open();
    EXPECT_EQ(ask(get()), "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n") << c.name << c.status;
    EXPECT_EQ(log_lines.size(), 1u);
    EXPECT_TRUE(is_open);
  }
}

TEST_F(ResponseTest, FieldsOfTheConnectionAreNotTheHandlers) {
  on_request = [](auto at) {
    ResponseHead head;
    for (const char* name : {"Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Proxy-Connection", "TE"}) {
      head.fields.append(name, "chunked");
    }
    head.fields.append("Date", "then");
    at->respond(std::move(head), "hello");
  };
  open();
  EXPECT_EQ(ask(get()), "HTTP/1.1 200 OK\r\nDate: then\r\ncontent-length: 5\r\n\r\nhello");
}

TEST_F(ResponseTest, AResponseOnlyGoesAsFastAsItIsTaken) {
  keep_requests();
  open();
  send(get());
  BodyPipe& body = exchange->respond_streaming({});
  transport->window = 1000;
  std::size_t written = 0;
  for (int i = 0; i < 1000 && body.writable() > 0; ++i) {
    const std::string piece(std::min<std::size_t>(body.writable(), 30'000), 'x');
    body.write(piece);
    written += piece.size();
    settle();
  }
  EXPECT_LE(written, 4 * body_pipe_capacity);
  EXPECT_EQ(body.writable(), 0u);
  bool told = false;
  body.on_writable = [&] { told = true; };
  transport->window = SIZE_MAX;
  settle();
  EXPECT_TRUE(told);
  body.finish();
  settle();
  EXPECT_EQ(body.size(), 0u);
  EXPECT_TRUE(received().ends_with("\r\n0\r\n\r\n"));
}

TEST_F(ResponseTest, ALargeBodyArrivesWholeThroughASmallWindow) {
  std::string large;
  for (int i = 0; large.size() < 300'000; ++i) large += std::to_string(i);
  for (const bool streamed : {false, true}) {
    on_request = [&](auto at) {
      if (!streamed) return at->respond({}, large);
      ResponseHead head;
      head.fields.append("content-length", std::to_string(large.size()));
      at->respond_streaming(std::move(head));
      std::shared_ptr<std::size_t> done = std::make_shared<std::size_t>(0);
      const auto pump = [&large, at, done] {
        BodyPipe& body = at->response_body();
        const std::string_view piece = std::string_view(large).substr(*done, body.writable());
        *done += piece.size();
        body.write(piece);
        if (*done == large.size()) body.finish();
      };
      at->response_body().on_writable = pump;
      pump();
    };
    open();
    transport->window = 10;
    send(get() + get());
    while (transport->is_writing()) {
      transport->window = 7777;
      settle();
    }
    const std::string one = "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(large.size()) + "\r\n\r\n" + large;
    EXPECT_TRUE(received() == one + one);
    connection->close();
    settle();
  }
}

TEST_F(ResponseTest, AClientThatTakesNoAnswersIsGivenNoMore) {
  on_request = [](auto at) { at->respond({}, std::string(10'000, 'x')); };
  open();
  transport->window = 0;
  std::string many;
  for (int i = 0; i < 1000; ++i) many += get();
  send(many);
  EXPECT_LT(requests.size(), 20u);
  EXPECT_GT(transport->incoming.size(), many.size() / 2);
  transport->window = SIZE_MAX;
  settle();
  EXPECT_EQ(requests.size(), 1000u);
}

TEST_F(ResponseTest, ReadingAheadHasABound) {
  keep_requests();
  open();
  send(get());
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += get();
  send(many);
  EXPECT_GT(transport->incoming.size(), many.size() - 10'000);
  on_request = [](auto given) { given->respond({}, "hello"); };
  exchange->respond({}, "hello");
  settle();
  EXPECT_EQ(requests.size(), 10'001u);
}

TEST_F(ResponseTest, AResponseMayEndBeforeItsRequest) {
  keep_requests();
  open();
  send(post("content-length: 10\r\n", "01234"));
  exchange->respond({}, "hello");
  settle();
  EXPECT_EQ(received(), hello);
  EXPECT_TRUE(exchange->request_body().ended());
  EXPECT_FALSE(exchange->client_gone());
  on_request = [](auto given) { given->respond({}, "hello"); };
  EXPECT_EQ(ask("56789" + get()), hello);
}

}  // namespace
}  // namespace weft::http
