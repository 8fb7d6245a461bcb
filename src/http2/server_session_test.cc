#include "http2/server_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http2/testing/server_fixture.h"

namespace weft::http2 {
namespace {

using http::BodyPipe;
using http::Exchange;
using http::Fields;
using http::ResponseHead;
using testing::echo;
using ::testing::ElementsAre;
using testing::FieldList;
using ::testing::IsEmpty;
using testing::Peer;
using testing::ServerTest;
using namespace std::chrono_literals;

class Http2Server : public ServerTest {};

// ---- requests and responses ----

TEST_F(Http2Server, AnswersARequest) {
  open();
  const Peer::Message& answer = ask("GET", "/");
  EXPECT_EQ(answer.status(), "200");
  EXPECT_EQ(answer.get("content-length"), "5");
  EXPECT_EQ(answer.get("date"), "now");
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.closed, NGHTTP2_NO_ERROR);
  EXPECT_EQ(client->fault, 0);
  EXPECT_THAT(client->goaways, IsEmpty());
}

TEST_F(Http2Server, ShowsTheHandlerARequestAsOverHttp1) {
  on_request = [](const auto& exchange) {
    const http::RequestHead& head = exchange->request();
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.scheme, "http");
    EXPECT_EQ(head.authority, "example.org:80");
    EXPECT_EQ(head.path_with_query, "/p?q");
    EXPECT_EQ(head.client_address, "192.0.2.1:4711");
    EXPECT_EQ(head.version_major, 2);
    EXPECT_EQ(head.fields.get("host"), "example.org:80");
    EXPECT_EQ(head.fields.get("accept"), "*/*");
    EXPECT_EQ(head.fields.get(":path"), std::nullopt);
    EXPECT_TRUE(exchange->request_body().at_end());
    exchange->respond({}, "");
  };
  open();
  const Peer::Message& answer = ask("GET", "/p?q", {{":authority", "example.org:80"}, {"accept", "*/*"}});
  EXPECT_EQ(answer.status(), "200");
  EXPECT_EQ(answer.get("content-length"), "0");
}

TEST_F(Http2Server, JoinsTheCookiesThatAClientSentInParts) {
  on_request = [](const auto& exchange) {
    EXPECT_THAT(exchange->request().fields.get_all("cookie"), ElementsAre("a=1; b=2; c=3"));
    exchange->respond({}, "");
  };
  open();
  EXPECT_EQ(ask("GET", "/", {{"cookie", "a=1"}, {"cookie", "b=2"}, {"cookie", "c=3"}}).status(), "200");
}

TEST_F(Http2Server, NothingOfARequestIsLeftInTheNext) {
  on_request = [](const auto& exchange) {
    if (exchange->request().path_with_query == "/2") EXPECT_EQ(exchange->request().fields.size(), 1u);
    exchange->respond({}, exchange->request_body().take_all());
  };
  open();
  ask("GET", "/1", {{"cookie", "a=1"}, {"x", "y"}});
  EXPECT_EQ(ask("GET", "/2").body, "");
}

TEST_F(Http2Server, ServesManyRequestsAtOnceInAnyOrder) {
  std::vector<std::shared_ptr<Exchange>> open_exchanges;
  on_request = [&](auto exchange) { open_exchanges.push_back(std::move(exchange)); };
  open();
  std::vector<std::int32_t> streams;
  for (int i = 0; i < 50; ++i) streams.push_back(client->request("GET", "/" + std::to_string(i)));
  settle();
  ASSERT_EQ(open_exchanges.size(), 50u);
  for (std::size_t i = 50; i-- > 0;) open_exchanges[i]->respond({}, open_exchanges[i]->request().path_with_query);
  settle();
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(client->message(streams[i]).body, "/" + std::to_string(i));
}

TEST_F(Http2Server, ARequestIsTheSameHoweverItsBytesArrive) {
  on_request = echo;
  for (std::size_t piece : {1u, 2u, 7u, 100u}) {
    open();
    transport->piece = piece;
    const std::int32_t stream = client->request("POST", "/", {{"x", "y"}}, true);
    client->send_body(stream, "some body");
    client->end_body(stream, {{"t", "1"}});
    settle();
    EXPECT_EQ(client->message(stream).body, "some body") << piece;
    EXPECT_EQ(client->message(stream).trailers, (FieldList{{"t", "1"}})) << piece;
  }
}

TEST_F(Http2Server, StreamsBothWaysWithTrailers) {
  on_request = echo;
  open();
  const std::int32_t stream = client->request("POST", "/", {}, true);
  settle();
  EXPECT_EQ(client->message(stream).status(), "200");
  for (const char* word : {"one", "two", "three"}) {
    client->send_body(stream, word);
    settle();
    EXPECT_TRUE(client->message(stream).body.ends_with(word));
  }
  client->end_body(stream, {{"checksum", "abc"}});
  settle();
  const Peer::Message& answer = client->message(stream);
  EXPECT_EQ(answer.body, "onetwothree");
  EXPECT_EQ(answer.get("content-length"), "");
  EXPECT_EQ(answer.trailers, (FieldList{{"checksum", "abc"}}));
  EXPECT_EQ(answer.closed, NGHTTP2_NO_ERROR);
}

TEST_F(Http2Server, LeavesOutWhatTheConnectionAloneMaySay) {
  on_request = [](const auto& exchange) {
    ResponseHead head;
    for (const char* name : {"Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade"}) head.fields.append(name, "x");
    head.fields.append("X-Kept", "1");
    BodyPipe& body = exchange->respond_streaming(std::move(head));
    body.write("b");
    Fields trailers;
    trailers.append("Content-Length", "7");
    trailers.append("Kept", "2");
    body.finish(std::move(trailers));
  };
  open();
  const Peer::Message& answer = ask("GET", "/");
  EXPECT_EQ(answer.fields, (FieldList{{":status", "200"}, {"x-kept", "1"}, {"content-length", "1"}, {"date", "now"}}));
  EXPECT_EQ(answer.trailers, (FieldList{{"kept", "2"}}));
}

TEST_F(Http2Server, SendsNoBodyWhereThereIsNone) {
  on_request = [](const auto& exchange) {
    const std::string& path = exchange->request().path_with_query;
    exchange->respond({.status = path == "/204" ? 204u : 200u, .fields = {}}, "body");
  };
  open();
  const Peer::Message& head = ask("HEAD", "/");
  EXPECT_EQ(head.get("content-length"), "4");
  EXPECT_EQ(head.body, "");
  EXPECT_TRUE(head.ended);
  const Peer::Message& nothing = ask("GET", "/204");
  EXPECT_EQ(nothing.status(), "204");
  EXPECT_EQ(nothing.get("content-length"), "");
  EXPECT_TRUE(nothing.ended);
}

TEST_F(Http2Server, SaysContinueToWhoWaitsForIt) {
  std::shared_ptr<Exchange> kept;
  on_request = [&](auto exchange) { kept = std::move(exchange); };
  open();
  const std::int32_t stream = client->request("POST", "/", {{"expect", "100-continue"}}, true);
  settle();
  EXPECT_EQ(client->message(stream).interim, (FieldList{{":status", "100"}}));
  client->send_body(stream, "body");
  client->end_body(stream);
  settle();
  EXPECT_EQ(kept->request_body().take_all(), "body");
  kept->respond({}, "");
  settle();
  EXPECT_TRUE(client->message(stream).ended);
}

// ---- what handlers do wrong ----

TEST_F(Http2Server, InformationalResponsesGoAheadOfTheFinalOne) {
  std::shared_ptr<Exchange> kept;
  on_request = [&](auto exchange) { kept = std::move(exchange); };
  open();
  const std::int32_t stream = client->request("GET", "/");
  settle();
  ResponseHead head{.status = 103, .fields = {}};
  head.fields.append("Link", "</style.css>");
  head.fields.append("Connection", "close");
  EXPECT_TRUE(kept->inform(head));
  settle();
  EXPECT_EQ(client->message(stream).interim, (FieldList{{":status", "103"}, {"link", "</style.css>"}}));
  kept->respond({}, "hello");
  settle();
  EXPECT_EQ(client->message(stream).status(), "200");
  EXPECT_EQ(client->message(stream).body, "hello");
}

TEST_F(Http2Server, AHandlerThatThrowsIsA500AndALine) {
  on_request = [](const auto&) { throw std::runtime_error("thrown"); };
  open();
  EXPECT_EQ(ask("GET", "/").status(), "500");
  EXPECT_THAT(log_lines, ElementsAre("a request's handler failed: thrown"));
}

TEST_F(Http2Server, AResponseOfAnotherLengthThanAnnouncedEndsItsStream) {
  for (const char* body : {"four", "sixsix"}) {
    on_request = [body](const auto& exchange) {
      ResponseHead head;
      head.fields.append("content-length", "5");
      BodyPipe& pipe = exchange->respond_streaming(std::move(head));
      pipe.write(body);
    };
    open();
    std::shared_ptr<Exchange> kept;
    const auto respond = on_request;
    on_request = [&](auto exchange) {
      respond(exchange);
      kept = std::move(exchange);
    };
    const std::int32_t stream = client->request("GET", "/");
    settle();
    kept->response_body().finish();
    settle();
    EXPECT_EQ(client->message(stream).closed, NGHTTP2_INTERNAL_ERROR) << body;
    EXPECT_TRUE(is_open);
  }
  EXPECT_EQ(log_lines.size(), 2u);
}

TEST_F(Http2Server, AResponseThatIsGivenUpIsNotTakenForAWholeOne) {
  std::shared_ptr<Exchange> kept;
  on_request = [&](auto exchange) {
    kept = exchange;
    kept->respond_streaming({}).write("part");
  };
  open();
  const std::int32_t stream = client->request("GET", "/");
  settle();
  kept->response_body().abort("gave up");
  settle();
  EXPECT_EQ(client->message(stream).body, "part");
  EXPECT_EQ(client->message(stream).closed, NGHTTP2_INTERNAL_ERROR);
}

TEST_F(Http2Server, AHeadThatCannotBeSentIsA500) {
  on_request = [](const auto& exchange) { exchange->respond({.status = 99, .fields = {}}, "x"); };
  open();
  EXPECT_EQ(ask("GET", "/").status(), "500");
  EXPECT_EQ(log_lines.size(), 1u);
}

// ---- the client leaves ----

TEST_F(Http2Server, AStreamThatIsResetTellsTheHandler) {
  std::shared_ptr<Exchange> kept;
  bool gone = false;
  on_request = [&](auto exchange) {
    kept = std::move(exchange);
    kept->on_client_gone = [&] { gone = true; };
  };
  open();
  const std::int32_t stream = client->request("POST", "/", {}, true);
  settle();
  client->reset(stream);
  settle();
  EXPECT_TRUE(gone);
  EXPECT_TRUE(kept->client_gone());
  EXPECT_TRUE(kept->request_body().failed());
  EXPECT_TRUE(kept->response_body().cancelled());
  kept->respond({}, "for nobody");
  settle();
  on_request = [](const auto& exchange) { exchange->respond({}, "hello"); };
  EXPECT_EQ(ask("GET", "/").body, "hello");  // the connection goes on
}

TEST_F(Http2Server, AConnectionThatEndsTellsAllHandlersButGetsWhatIsComplete) {
  std::vector<std::shared_ptr<Exchange>> kept;
  on_request = [&](auto exchange) { kept.push_back(std::move(exchange)); };
  open();
  client->request("GET", "/1");
  const std::int32_t second = client->request("GET", "/2");
  settle();
  kept[1]->respond({}, "complete");
  end_input();
  EXPECT_TRUE(kept[0]->client_gone());
  EXPECT_EQ(client->message(second).body, "complete");
  EXPECT_FALSE(is_open);
}

TEST_F(Http2Server, AClientThatSaysGoodByeIsServedToTheEnd) {
  std::shared_ptr<Exchange> kept;
  on_request = [&](auto exchange) { kept = std::move(exchange); };
  open();
  const std::int32_t stream = client->request("GET", "/");
  settle();
  client->go_away();
  settle();
  EXPECT_TRUE(is_open);
  kept->respond({}, "last");
  settle();
  EXPECT_EQ(client->message(stream).body, "last");
  EXPECT_FALSE(is_open);
}

// ---- the server ends ----

TEST_F(Http2Server, ADrainingServerFinishesWhatIsOpenAndRefusesTheRest) {
  std::shared_ptr<Exchange> kept;
  on_request = [&](auto exchange) { kept = std::move(exchange); };
  open();
  const std::int32_t stream = client->request("GET", "/");
  settle();
  draining_ = true;
  session->drain();
  settle();
  ASSERT_EQ(client->goaways.size(), 2u);
  EXPECT_EQ(client->goaways[0].last_stream, INT32_MAX);
  EXPECT_EQ(client->goaways[1].last_stream, stream);
  EXPECT_EQ(client->goaways[1].error, NGHTTP2_NO_ERROR);
  EXPECT_TRUE(is_open);
  kept->respond({}, "last");
  settle();
  EXPECT_EQ(client->message(stream).body, "last");
  EXPECT_FALSE(is_open);
}

TEST_F(Http2Server, ADrainingServerServesWhatWasOnItsWay) {
  open();
  const std::int32_t stream = client->request("GET", "/on-its-way");
  transport->incoming += client->take();
  session->drain();
  settle();
  EXPECT_EQ(client->message(stream).body, "hello");
  EXPECT_FALSE(is_open);
}

TEST_F(Http2Server, ADrainingServerDoesNotWaitForAClientThatDoesNotAnswer) {
  open();
  session->drain();
  transport->sent.clear();
  EXPECT_TRUE(is_open);
  look_after(2s);
  EXPECT_FALSE(is_open);
}

// ---- not HTTP/2 ----

TEST_F(Http2Server, WhatIsNoPrefaceEndsTheConnection) {
  open_raw("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
  EXPECT_EQ(goaway().error, NGHTTP2_PROTOCOL_ERROR);
  end_input();
  EXPECT_FALSE(is_open);
  EXPECT_THAT(requests, IsEmpty());
}

TEST_F(Http2Server, ATunnelIs501) {
  open_raw();
  send(testing::frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
                      testing::field(":method", "CONNECT") + testing::field(":authority", "x:1")));
  EXPECT_NE(raw_received.find("no tunnels here"), std::string::npos);
  EXPECT_THAT(requests, IsEmpty());
}

}  // namespace
}  // namespace weft::http2
