#include "http2/client_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "http/chunks.h"
#include "http/testing/fake_transport.h"
#include "http2/testing/peer.h"

namespace weft::http2 {
namespace {

using http::ClientExchange;
using http::ClientFault;
using http::ClientRequest;
using testing::FieldList;
using testing::Peer;
using testing::Role;
using Outcome = http::ClientConnection::Outcome;
using ::testing::IsEmpty;

class Http2Client : public ::testing::Test {
 protected:
  struct Call {
    std::shared_ptr<ClientExchange> exchange;
    std::shared_ptr<std::optional<Outcome>> outcome = std::make_shared<std::optional<Outcome>>();
    std::string body() { return exchange->response_body().take_all(); }
    ClientFault fault() const {
      return *outcome && (*outcome)->error ? (*outcome)->error->fault : static_cast<ClientFault>(255);
    }
  };

  http::ResponseLimits response_limits;
  Limits limits;
  Loop loop;
  std::unique_ptr<Peer> server;
  std::shared_ptr<ClientSession> session;
  http::testing::FakeTransport* transport = nullptr;

  void open(bool opens_windows = true) {
    server = std::make_unique<Peer>(Role::server, opens_windows);
    auto made = std::make_unique<http::testing::FakeTransport>();
    transport = made.get();
    session = std::make_shared<ClientSession>(loop, http::Route{}, std::move(made), response_limits, limits);
    session->start();
    settle();
  }
  void settle() {
    for (;;) {
      loop.restart();
      if (loop.poll() > 0 || transport->deliver()) continue;
      if (!transport->sent.empty()) {
        server->receive(std::exchange(transport->sent, {}));
        continue;
      }
      const std::string bytes = server->take();
      if (bytes.empty() || transport->closed) return;
      transport->incoming += bytes;
    }
  }
  static ClientRequest request(std::string method = "GET", std::string path = "/") {
    ClientRequest made;
    made.origin = {.tls = true, .host = "example.org", .port = 443};
    made.method = std::move(method);
    made.path_with_query = std::move(path);
    return made;
  }
  // Its body is whole if there is one given.
  Call start(ClientRequest made, std::optional<std::string> body = "") {
    Call call;
    call.exchange = std::make_shared<ClientExchange>(std::move(made));
    if (body) call.exchange->request_body().fill(std::move(*body));
    boost::asio::co_spawn(
        loop, [this, call] { return run(call); }, [](const std::exception_ptr& failure) { EXPECT_FALSE(failure); });
    settle();
    return call;
  }
  awaitable<void> run(Call call) {
    Outcome outcome = co_await session->run(call.exchange);
    // As the client does.
    if (outcome.error) call.exchange->fail(*outcome.error);
    *call.outcome = std::move(outcome);
  }
  void TearDown() override {
    if (session == nullptr) return;
    session->close();
    settle();
  }
};

TEST_F(Http2Client, AsksAndGetsTheAnswer) {
  open();
  ClientRequest made = request("GET", "/p?q");
  made.fields.append("X-A", "b");
  made.fields.append("Connection", "close");
  made.fields.append("Host", "other");
  made.fields.append("TE", "trailers, gzip");
  Call call = start(std::move(made));
  EXPECT_EQ(server->message(1).fields, (FieldList{{":method", "GET"},
                                                  {":scheme", "https"},
                                                  {":authority", "example.org"},
                                                  {":path", "/p?q"},
                                                  {"x-a", "b"},
                                                  {"te", "trailers"}}));
  EXPECT_TRUE(server->message(1).ended);
  server->respond(1, 404, {{"x-c", "d"}}, true);
  server->send_body(1, "answer");
  server->end_body(1, {{"t", "1"}});
  settle();
  ASSERT_TRUE(*call.outcome);
  EXPECT_FALSE((*call.outcome)->error);
  EXPECT_EQ(call.exchange->response().status, 404u);
  EXPECT_EQ(call.exchange->response().fields.get("x-c"), "d");
  EXPECT_EQ(call.body(), "answer");
  EXPECT_EQ(call.exchange->response_body().trailers()->get("t"), "1");
  EXPECT_TRUE(session->usable());
}

TEST_F(Http2Client, AnAnswerMayBeReadWhileItComes) {
  open();
  for (int i = 0; i < 3; ++i) {
    Call call;
    std::string read;
    call.exchange = std::make_shared<ClientExchange>(request());
    call.exchange->request_body().finish();
    call.exchange->response_body().on_readable = [&] { read += call.body(); };
    boost::asio::co_spawn(
        loop, [this, call] { return run(call); }, [](const std::exception_ptr& failure) { EXPECT_FALSE(failure); });
    settle();
    const std::int32_t stream = 2 * i + 1;
    server->respond(stream, 200, {}, true);
    server->send_body(stream, std::string(100'000, 'x'));
    server->end_body(stream);
    settle();
    EXPECT_EQ(read.size(), 100'000u);
    ASSERT_TRUE(*call.outcome);
    EXPECT_FALSE((*call.outcome)->error);
    call.exchange->response_body().on_readable = nullptr;
  }
}

TEST_F(Http2Client, ManyExchangesShareAConnection) {
  open();
  std::vector<Call> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(start(request("GET", "/" + std::to_string(i))));
  for (int i = 19; i >= 0; --i) {
    const std::int32_t stream = 2 * i + 1;
    server->respond(stream, 200, {}, true);
    server->send_body(stream, server->message(stream).get(":path"));
    server->end_body(stream);
  }
  settle();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(calls[static_cast<std::size_t>(i)].body(), "/" + std::to_string(i));
  }
}

TEST_F(Http2Client, SendsBodiesWholeOrAsTheyCome) {
  open();
  start(request("POST"), "whole");
  EXPECT_EQ(server->message(1).get("content-length"), "5");
  EXPECT_EQ(server->message(1).body, "whole");
  Call call = start(request("POST"), std::nullopt);
  EXPECT_EQ(server->message(3).get("content-length"), "");
  call.exchange->request_body().write("some");
  settle();
  EXPECT_EQ(server->message(3).body, "some");
  http::Fields trailers;
  trailers.append("t", "1");
  call.exchange->request_body().finish(std::move(trailers));
  settle();
  EXPECT_TRUE(server->message(3).ended);
  EXPECT_EQ(server->message(3).trailers, (FieldList{{"t", "1"}}));
}

TEST_F(Http2Client, AServerSendsNoMoreThanIsRead) {
  open();
  Call call = start(request());
  server->respond(1, 200, {}, true);
  server->send_body(1, std::string(300'000, 'x'));
  server->end_body(1);
  settle();
  EXPECT_EQ(call.exchange->response_body().size(), limits.stream_window);
  EXPECT_FALSE(*call.outcome);
  std::size_t read = 0;
  while (!call.exchange->response_body().at_end()) {
    const std::size_t size = call.body().size();
    ASSERT_GT(size, 0u);
    read += size;
    settle();
  }
  EXPECT_EQ(read, 300'000u);
  EXPECT_TRUE(*call.outcome);
}

TEST_F(Http2Client, ABodyIsTakenNoFasterThanTheServerReads) {
  open(false);
  Call call = start(request("POST"), std::nullopt);
  std::size_t written = 0;
  for (int i = 0; i < 10; ++i) {
    const std::size_t room = call.exchange->request_body().writable();
    call.exchange->request_body().write(std::string(room, 'x'));
    written += room;
    settle();
  }
  EXPECT_EQ(server->message(1).body.size(), 65'535u);
  EXPECT_LE(written, 65'535u + http::body_pipe_capacity);
}

TEST_F(Http2Client, WaitsForContinueWithTheBody) {
  open();
  ClientRequest made = request("POST");
  made.fields.append("expect", "100-continue");
  start(std::move(made), "body");
  EXPECT_EQ(server->message(1).body, "");
  EXPECT_FALSE(server->message(1).ended);
  const std::string status = "100";
  nghttp2_nv interim{reinterpret_cast<std::uint8_t*>(const_cast<char*>(":status")),
                     reinterpret_cast<std::uint8_t*>(const_cast<char*>(status.data())), 7, 3, NGHTTP2_NV_FLAG_NONE};
  nghttp2_submit_headers(server->h2(), NGHTTP2_FLAG_NONE, 1, nullptr, &interim, 1, nullptr);
  settle();
  EXPECT_EQ(server->message(1).body, "body");
  EXPECT_TRUE(server->message(1).ended);
}

// ---- what goes wrong ----

TEST_F(Http2Client, WhoIsCancelledResetsItsStreamOnly) {
  open();
  Call call = start(request());
  Call other = start(request());
  call.exchange->cancel();
  settle();
  EXPECT_EQ(server->message(1).closed, NGHTTP2_CANCEL);
  EXPECT_EQ(call.fault(), ClientFault::cancelled);
  server->respond(3, 200);
  settle();
  EXPECT_EQ(other.exchange->response().status, 200u);
}

TEST_F(Http2Client, WhoStopsReadingResetsItsStream) {
  open();
  Call call = start(request());
  server->respond(1, 200, {}, true);
  server->send_body(1, "part");
  settle();
  call.exchange->response_body().cancel();
  settle();
  EXPECT_EQ(server->message(1).closed, NGHTTP2_CANCEL);
  EXPECT_TRUE(*call.outcome);
}

TEST_F(Http2Client, ABodyThatIsGivenUpIsNotTakenForAWholeOne) {
  open();
  Call call = start(request("POST"), std::nullopt);
  call.exchange->request_body().write("part");
  settle();
  call.exchange->request_body().abort("gave up");
  settle();
  EXPECT_EQ(server->message(1).closed, NGHTTP2_CANCEL);
  EXPECT_EQ(call.fault(), ClientFault::request_aborted);
}

TEST_F(Http2Client, AnAnswerBeforeTheRequestIsCompleteEndsBoth) {
  open();
  Call call = start(request("POST"), std::nullopt);
  server->respond(1, 413);
  settle();
  EXPECT_EQ(call.exchange->response().status, 413u);
  ASSERT_TRUE(*call.outcome);
  EXPECT_FALSE((*call.outcome)->error);
  EXPECT_TRUE(call.exchange->request_body().cancelled());
  EXPECT_TRUE(server->message(1).closed);
  EXPECT_TRUE(session->usable());
}

TEST_F(Http2Client, ARefusedStreamMayBeAskedAgain) {
  open();
  Call call = start(request("POST"), "body");
  server->reset(1, NGHTTP2_REFUSED_STREAM);
  settle();
  EXPECT_EQ(call.fault(), ClientFault::connection_terminated);
  EXPECT_TRUE((*call.outcome)->closed_before_response);
  EXPECT_TRUE((*call.outcome)->nothing_sent);
}

TEST_F(Http2Client, AnyOtherResetMayNot) {
  open();
  Call call = start(request("POST"), "body");
  server->reset(1, NGHTTP2_INTERNAL_ERROR);
  settle();
  EXPECT_EQ(call.fault(), ClientFault::connection_terminated);
  EXPECT_FALSE((*call.outcome)->closed_before_response);
}

TEST_F(Http2Client, AResponseThatIsCutShortDoesNotLookComplete) {
  open();
  Call call = start(request());
  server->respond(1, 200, {}, true);
  server->send_body(1, "part");
  settle();
  server->reset(1, NGHTTP2_INTERNAL_ERROR);
  settle();
  EXPECT_EQ(call.fault(), ClientFault::response_incomplete);
  EXPECT_EQ(call.body(), "part");
  EXPECT_TRUE(call.exchange->response_body().failed());
}

TEST_F(Http2Client, AConnectionThatEndsEndsAllItsExchanges) {
  open();
  Call waiting = start(request());
  Call reading = start(request());
  server->respond(3, 200, {}, true);
  settle();
  transport->incoming_ended = true;
  settle();
  EXPECT_EQ(waiting.fault(), ClientFault::connection_terminated);
  EXPECT_TRUE((*waiting.outcome)->closed_before_response);
  EXPECT_FALSE((*waiting.outcome)->nothing_sent);
  EXPECT_EQ(reading.fault(), ClientFault::response_incomplete);
  EXPECT_FALSE((*reading.outcome)->closed_before_response);
  EXPECT_FALSE(session->usable());
}

TEST_F(Http2Client, AServerThatLeavesAnswersWhatItHasBegun) {
  open();
  Call first = start(request());
  Call second = start(request());
  // As a server does that has seen only the first.
  nghttp2_submit_goaway(server->h2(), NGHTTP2_FLAG_NONE, 1, NGHTTP2_NO_ERROR, nullptr, 0);
  settle();
  EXPECT_FALSE(session->usable());
  EXPECT_EQ(second.fault(), ClientFault::connection_terminated);
  EXPECT_TRUE((*second.outcome)->nothing_sent);
  server->respond(1, 200);
  settle();
  EXPECT_EQ(first.exchange->response().status, 200u);
  EXPECT_TRUE(transport->closed);
}

TEST_F(Http2Client, MalformedAndLargeResponsesAreErrors) {
  response_limits = {.head_bytes = 1000, .fields = 10};
  struct Case {
    FieldList fields;
    ClientFault fault;
  };
  for (const Case& c : {Case{{{"connection", "close"}}, ClientFault::response_malformed},
                        {{{"x", "a\nb"}}, ClientFault::response_malformed},
                        {{{"content-length", "1"}}, ClientFault::response_malformed},
                        {{{"x", std::string(1000, 'y')}}, ClientFault::response_head_size},
                        {FieldList(11, {"x", "y"}), ClientFault::response_head_size}}) {
    open();
    Call call = start(request());
    server->respond(1, 200, c.fields);
    settle();
    EXPECT_EQ(call.fault(), c.fault) << c.fields[0].first;
    EXPECT_TRUE(session->usable());
    session->close();
    settle();
  }
}

TEST_F(Http2Client, LargeTrailersAreAnError) {
  open();
  Call call = start(request());
  server->respond(1, 200, {}, true);
  server->end_body(1, {{"t", std::string(http::max_trailer_bytes, 'x')}});
  settle();
  EXPECT_EQ(call.fault(), ClientFault::response_trailer_size);
}

TEST_F(Http2Client, AServerThatFloodsIsLeft) {
  open();
  Call call = start(request());
  std::string bytes;
  for (int i = 0; i < 2000; ++i) bytes += testing::frame(NGHTTP2_PING, 0, 0, "12345678");
  transport->incoming += bytes;
  settle();
  EXPECT_FALSE(session->usable());
  EXPECT_EQ(call.fault(), ClientFault::connection_terminated);
}

TEST_F(Http2Client, TheServerSaysHowManyAtATime) {
  open();
  server->settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 3}});
  settle();
  EXPECT_EQ(session->capacity(), 3u);
}

// ---- time ----

TEST_F(Http2Client, EachTimeOutHasItsFault) {
  open();
  const auto expire = [&](Call& call) {
    call.exchange->expire();
    settle();
    return call.fault();
  };
  using namespace std::chrono_literals;
  ClientRequest made = request();
  made.timeouts.first_byte = 0s;
  Call no_answer = start(made);
  EXPECT_EQ(expire(no_answer), ClientFault::read_timeout);
  EXPECT_EQ(server->message(1).closed, NGHTTP2_CANCEL);

  made = request();
  made.timeouts.between_bytes = 0s;
  Call no_more = start(made);
  server->respond(3, 200, {}, true);
  settle();
  EXPECT_EQ(expire(no_more), ClientFault::read_timeout);

  open(false);
  made = request("POST");
  made.timeouts.between_bytes = 0s;
  Call not_taken = start(made, std::string(100'000, 'x'));
  // Some of it was taken since the time was set.
  expire(not_taken);
  EXPECT_FALSE(*not_taken.outcome);
  EXPECT_EQ(expire(not_taken), ClientFault::write_timeout);
}

}  // namespace
}  // namespace weft::http2
