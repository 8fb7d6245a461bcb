#include "http/client.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "http/server.h"
#include "http/testing/client_fixture.h"
#include "http/testing/raw_server.h"

namespace weft::http {
namespace {

using testing::ClientTest;
using testing::Peer;
using testing::RawServer;

constexpr std::string_view ok_empty = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

// Answers with what it was asked: the head in fields, the body as it comes in.
class Echo final : public Handler {
 public:
  void handle(std::shared_ptr<Exchange> exchange) override {
    ResponseHead head;
    head.fields.append("x-method", exchange->request().method);
    head.fields.append("x-target", exchange->request().path_with_query);
    head.fields.append("x-authority", exchange->request().authority);
    const auto length = exchange->request().fields.get("content-length");
    head.fields.append("x-length", length.value_or("none"));
    BodyPipe& out = exchange->respond_streaming(std::move(head));
    pump(*exchange, out);
    exchange->request_body().on_readable = [exchange = exchange.get(), &out] { pump(*exchange, out); };
    out.on_writable = [exchange = exchange.get(), &out] { pump(*exchange, out); };
    kept_.push_back(std::move(exchange));
  }

 private:
  static void pump(Exchange& exchange, BodyPipe& out) {
    BodyPipe& in = exchange.request_body();
    while (const std::size_t count = std::min(in.size(), out.writable())) {
      out.write(in.front().substr(0, count));
      in.consume(count);
    }
    if (in.at_end()) out.finish(in.trailers());
    if (in.failed()) out.abort("the request is cut short");
  }
  std::vector<std::shared_ptr<Exchange>> kept_;
};

class ClientWithServer : public ClientTest {
 protected:
  Echo echo;
  Server server{loop, {}, echo};
  unsigned short port = server.listen({}).value();
};

TEST_F(ClientWithServer, ARequestIsAnswered) {
  ClientRequest request = request_to(port, "POST", "/a?b=c");
  request.fields.append("content-type", "text/plain");
  const Answer answer = ask(std::move(request), "hello");
  EXPECT_FALSE(answer.error);
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.fields.get("x-method"), "POST");
  EXPECT_EQ(answer.fields.get("x-target"), "/a?b=c");
  EXPECT_EQ(answer.fields.get("x-authority"), "127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(answer.fields.get("x-length"), "5");
}

TEST_F(ClientWithServer, AConnectionServesManyRequests) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ask(request_to(port, "PUT"), std::to_string(i)).body, std::to_string(i));
  }
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(made_client().connections(), 1u);
  EXPECT_EQ(made_client().idle_connections(), 1u);
}

TEST_F(ClientWithServer, ManyRequestsRunAtOnceOnConnectionsOfTheirOwn) {
  std::vector<std::shared_ptr<ClientExchange>> exchanges;
  for (int i = 0; i < 64; ++i) exchanges.push_back(start(request_to(port, "POST"), std::to_string(i)));
  for (int i = 0; i < 64; ++i) EXPECT_EQ(finish(*exchanges[static_cast<std::size_t>(i)]).body, std::to_string(i));
  EXPECT_EQ(made_client().connections(), 64u);
  for (int i = 0; i < 64; ++i) ask(request_to(port));
  EXPECT_EQ(made_client().connections(), 64u);
}

TEST_F(ClientWithServer, OwnersDoNotShareConnections) {
  ClientRequest first = request_to(port);
  first.owner = "a";
  ClientRequest second = request_to(port);
  second.owner = "b";
  ask(first);
  ask(second);
  EXPECT_EQ(server.connections(), 2u);
  ask(first);
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(ClientWithServer, ABodyIsStreamedBothWaysWithinBoundedMemory) {
  const auto exchange = start_streaming(request_to(port, "POST"));
  constexpr std::size_t size = 20 << 20;
  const std::string piece(10'007, 'x');
  std::size_t written = 0;
  std::size_t received = 0;
  turn_until([&] {
    BodyPipe& out = exchange->request_body();
    BodyPipe& in = exchange->response_body();
    EXPECT_LE(in.size(), body_pipe_capacity);
    EXPECT_LE(out.size(), body_pipe_capacity);
    while (written < size) {
      const std::size_t count = std::min({out.writable(), piece.size(), size - written});
      if (count == 0) break;
      out.write(std::string_view(piece).substr(0, count));
      written += count;
      if (written == size) {
        Fields trailers;
        trailers.append("x-sum", "42");
        out.finish(std::move(trailers));
      }
    }
    received += in.size();
    in.consume(in.size());
    return in.at_end();
  });
  EXPECT_EQ(received, size);
  ASSERT_TRUE(exchange->response_body().trailers());
  EXPECT_EQ(exchange->response_body().trailers()->get("x-sum"), "42");
  EXPECT_FALSE(exchange->error());
}

TEST_F(ClientWithServer, TheAnswerMayComeBeforeTheRequestEnds) {
  const auto exchange = start_streaming(request_to(port, "POST"));
  turn_until([&] { return exchange->responded(); });
  exchange->request_body().write("ping");
  turn_until([&] { return exchange->response_body().front() == "ping"; });
  exchange->request_body().finish();
  EXPECT_EQ(finish(*exchange).body, "ping");
}

TEST_F(ClientWithServer, AStreamWithAPromisedLengthIsSentWithIt) {
  ClientRequest request = request_to(port, "POST");
  request.content_length = 6;
  const auto exchange = start_streaming(std::move(request));
  exchange->request_body().write("abc");
  settle();
  exchange->request_body().write("def");
  exchange->request_body().finish();
  const Answer answer = finish(*exchange);
  EXPECT_EQ(answer.body, "abcdef");
  EXPECT_EQ(answer.fields.get("x-length"), "6");
}

TEST_F(ClientWithServer, ASlowReaderHoldsTheServerBack) {
  const std::string large(8 << 20, 'y');
  const auto exchange = start(request_to(port, "POST"), large);
  turn_until([&] { return exchange->response_body().size() == body_pipe_capacity; });
  settle();
  EXPECT_EQ(exchange->response_body().size(), body_pipe_capacity);
  EXPECT_EQ(finish(*exchange).body, large);
}

TEST_F(ClientWithServer, OnResponseIsCalledOnceTheHeadIsThere) {
  int called = 0;
  const auto exchange = std::make_shared<ClientExchange>(request_to(port));
  exchange->request_body().fill("");
  exchange->on_response = [&] { ++called; };
  made_client().start(exchange);
  EXPECT_EQ(called, 0);
  finish(*exchange);
  EXPECT_EQ(called, 1);
}

TEST_F(ClientWithServer, ACancelledRequestEndsItsConnection) {
  const auto exchange = start_streaming(request_to(port, "POST"));
  turn_until([&] { return exchange->responded(); });
  exchange->cancel();
  turn_until([&] { return server.connections() == 0 && made_client().connections() == 0; });
  EXPECT_TRUE(exchange->request_body().cancelled());
}

TEST_F(ClientWithServer, ARequestCancelledBeforeItBeganIsNotSent) {
  const auto exchange = start(request_to(port));
  exchange->cancel();
  settle();
  EXPECT_EQ(made_client().connections(), 0u);
  EXPECT_EQ(server.connections(), 0u);
}

TEST_F(ClientWithServer, TheEndOfTheClientCancelsWhatIsUnderWay) {
  const auto exchange = start_streaming(request_to(port, "POST"));
  turn_until([&] { return exchange->responded(); });
  client.reset();
  turn_until([&] { return exchange->error().has_value(); });
  EXPECT_EQ(exchange->error()->fault, ClientFault::cancelled);
}

TEST_F(ClientTest, WhatIsSentIsAPlainRequestWithItsOwnHost) {
  std::string head;
  RawServer server([&](Peer& peer) {
    head = peer.read_head();
    peer.write(ok_empty);
  });
  ClientRequest request = request_to(server.port(), "GET", "?q=1");
  request.authority = "example.com:8080";
  for (const char* name : {"Host", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade",
                           "Content-Length", "HTTP2-Settings"}) {
    request.fields.append(name, "evil");
  }
  request.fields.append("X-Mixed", "Case");
  request.fields.append("TE", "trailers, deflate");
  EXPECT_FALSE(ask(std::move(request)).error);
  server.wait_for_end(0);
  EXPECT_EQ(head,
            "GET /?q=1 HTTP/1.1\r\nhost: example.com:8080\r\nX-Mixed: Case\r\nte: trailers\r\nconnection: te\r\n\r\n");
}

TEST_F(ClientTest, MethodsThatUsuallyHaveABodySayWhenTheyHaveNone) {
  std::string heads;
  RawServer server([&](Peer& peer) {
    for (int i = 0; i < 3; ++i) {
      heads += peer.read_head();
      peer.write(ok_empty);
    }
  });
  ask(request_to(server.port(), "GET"));
  ask(request_to(server.port(), "POST"));
  ask(request_to(server.port(), "DELETE"), "x");
  server.wait_for_end(0);
  EXPECT_EQ(heads.find("content-length"), heads.find("content-length: 0\r\n\r\nDELETE"));
  EXPECT_NE(heads.find("content-length: 1\r\n\r\n", heads.find("DELETE")), std::string::npos);
}

TEST_F(ClientTest, ResponsesWithoutABodyLeaveTheConnectionInOrder) {
  RawServer server([](Peer& peer) {
    for (std::string_view answer : {"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
                                    "HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n",
                                    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"}) {
      if (peer.read_head().empty()) return;
      peer.write(answer);
    }
  });
  EXPECT_EQ(ask(request_to(server.port(), "HEAD")).fields.get("content-length"), "100");
  EXPECT_EQ(ask(request_to(server.port())).status, 204u);
  EXPECT_EQ(ask(request_to(server.port())).status, 304u);
  EXPECT_EQ(ask(request_to(server.port())).body, "ok");
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(ClientTest, ABodyMayEndWithItsConnection) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.0 200 OK\r\n\r\nfirst ");
    peer.write("second");
  });
  const Answer answer = ask(request_to(server.port()));
  EXPECT_FALSE(answer.error);
  EXPECT_EQ(answer.body, "first second");
  EXPECT_EQ(made_client().connections(), 0u);
}

TEST_F(ClientTest, AConnectionThatIsToBeClosedIsNotKept) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    peer.read_to_end();
  });
  ask(request_to(server.port()));
  ask(request_to(server.port()));
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(ClientTest, InterimResponsesAreSkipped) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  const Answer answer = ask(request_to(server.port()));
  EXPECT_EQ(answer.status, 200u);
  EXPECT_FALSE(answer.fields.has("link"));
  EXPECT_EQ(answer.body, "ok");
}

TEST_F(ClientTest, AnExpectedContinueComesBeforeTheBody) {
  std::string before;
  std::string body;
  RawServer server([&](Peer& peer) {
    before = peer.read_head();
    peer.write("HTTP/1.1 100 Continue\r\n\r\n");
    body = peer.read(4);
    peer.write(ok_empty);
  });
  ClientRequest request = request_to(server.port(), "POST");
  request.fields.append("expect", "100-continue");
  const auto began = std::chrono::steady_clock::now();
  EXPECT_FALSE(ask(request, "body").error);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(900));
  server.wait_for_end(0);
  EXPECT_NE(before.find("content-length: 4"), std::string::npos);
  EXPECT_EQ(body, "body");
}

TEST_F(ClientTest, ARefusedBodyIsNotSent) {
  std::string rest = "?";
  RawServer server([&](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n");
    rest = peer.read_to_end();
  });
  ClientRequest request = request_to(server.port(), "POST");
  request.fields.append("expect", "100-continue");
  EXPECT_EQ(ask(request, "body").status, 413u);
  server.wait_for_end(0);
  EXPECT_EQ(rest, "");
  EXPECT_EQ(made_client().connections(), 0u);
}

TEST_F(ClientTest, ABodyIsSentEvenIfNobodySaysContinue) {
  std::string body;
  RawServer server([&](Peer& peer) {
    peer.read_head();
    body = peer.read(4);
    peer.write(ok_empty);
  });
  ClientRequest request = request_to(server.port(), "POST");
  request.fields.append("expect", "100-continue");
  EXPECT_FALSE(ask(request, "body").error);
  server.wait_for_end(0);
  EXPECT_EQ(body, "body");
}

TEST_F(ClientTest, AServerThatAnswersWithoutReadingIsHeard) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 413 Content Too Large\r\ncontent-length: 5\r\nconnection: close\r\n\r\nlarge");
    peer.read_to_end();
  });
  const Answer answer = ask(request_to(server.port(), "POST"), std::string(32 << 20, 'x'));
  EXPECT_FALSE(answer.error);
  EXPECT_EQ(answer.status, 413u);
  EXPECT_EQ(answer.body, "large");
}

TEST_F(ClientTest, ASmallRestThatNobodyReadsIsReadForTheConnectionsSake) {
  RawServer server([](Peer& peer) {
    for (int i = 0; i < 2; ++i) {
      if (peer.read_head().empty()) return;
      peer.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + std::string(500, 'x'));
      peer.write(std::string(500, 'y'));
    }
  });
  const auto exchange = start(request_to(server.port()));
  turn_until([&] { return exchange->responded(); });
  exchange->response_body().cancel();
  turn_until([&] { return made_client().idle_connections() == 1; });
  EXPECT_EQ(ask(request_to(server.port())).body.size(), 1000u);
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(ClientTest, ALargeRestThatNobodyReadsEndsTheConnection) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
    peer.read_to_end();
  });
  const auto exchange = start(request_to(server.port()));
  turn_until([&] { return exchange->responded(); });
  exchange->response_body().cancel();
  turn_until([&] { return made_client().connections() == 0; });
}

}  // namespace
}  // namespace weft::http
