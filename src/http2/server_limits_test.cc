// What a client may not do, by accident or on purpose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/chunks.h"
#include "http2/testing/server_fixture.h"

namespace weft::http2 {
namespace {

using http::BodyFault;
using http::Exchange;
using testing::FieldList;
using testing::frame;
using testing::get_head;
using ::testing::IsEmpty;
using testing::KeepingServerTest;
using namespace std::chrono_literals;

class Http2Limits : public KeepingServerTest {};

// ---- one request ----

TEST_F(Http2Limits, AViolationHasItsStatusAndTheConnectionGoesOn) {
  http_limits_.target_bytes = 100;
  http_limits_.head_bytes = 1000;
  http_limits_.fields = 10;
  http_limits_.body_bytes = 50;
  open();
  EXPECT_EQ(ask("GET", "/" + std::string(100, 'a')).status(), "414");
  EXPECT_EQ(ask("GET", "/", {{"x", std::string(1000, 'a')}}).status(), "431");
  EXPECT_EQ(ask("GET", "/", FieldList(11, {"x", "y"})).status(), "431");
  const std::int32_t large = client->request("POST", "/", {{"content-length", "51"}}, true);
  settle();
  EXPECT_EQ(client->message(large).status(), "413");
  EXPECT_EQ(ask("GET", "/", {{":authority", "a@b"}}).status(), "400");
  EXPECT_EQ(ask("GET", "/", {{"host", "other"}}).status(), "400");
  EXPECT_EQ(ask(std::string(33, 'M'), "/").status(), "400");
  EXPECT_THAT(requests, IsEmpty());
  EXPECT_EQ(ask("GET", "/").body, "hello");
}

TEST_F(Http2Limits, AMalformedRequestEndsItsStreamOnly) {
  open();
  for (const FieldList& fields : {FieldList{{"connection", "close"}}, FieldList{{"transfer-encoding", "chunked"}},
                                  FieldList{{"te", "gzip"}}, FieldList{{":unknown", "x"}}, FieldList{{"x", "a\nb"}},
                                  FieldList{{"x y", "1"}}, FieldList{{"content-length", "3"}}}) {
    EXPECT_EQ(ask("GET", "/", fields).closed, NGHTTP2_PROTOCOL_ERROR) << fields[0].first;
  }
  EXPECT_THAT(requests, IsEmpty());
  EXPECT_EQ(ask("GET", "/").body, "hello");
}

TEST_F(Http2Limits, ABodyThatGrowsTooLargeIs413) {
  http_limits_.body_bytes = 50;
  keep_requests();
  open();
  const std::int32_t stream = client->request("POST", "/", {}, true);
  client->send_body(stream, std::string(51, 'x'));
  settle();
  EXPECT_EQ(client->message(stream).status(), "413");
  EXPECT_TRUE(kept[0]->client_gone());
  EXPECT_EQ(kept[0]->request_body().fault(), BodyFault::too_large);
}

TEST_F(Http2Limits, ABodyThatDoesNotComeIs408) {
  keep_requests();
  open();
  const std::int32_t stream = client->request("POST", "/", {}, true);
  settle();
  look_after(http_limits_.body_timeout - 1s);
  EXPECT_EQ(client->message(stream).status(), "");
  look_after(http_limits_.body_timeout + 1s);
  EXPECT_EQ(client->message(stream).status(), "408");
  EXPECT_TRUE(is_open);
}

TEST_F(Http2Limits, AHandlerThatDoesNotReadIsNoFaultOfTheClient) {
  keep_requests();
  open();
  const std::int32_t stream = client->request("POST", "/", {}, true);
  client->send_body(stream, "unread");
  settle();
  look_after(10 * http_limits_.body_timeout);
  EXPECT_EQ(client->message(stream).status(), "");
}

TEST_F(Http2Limits, AnUnwantedBodyIsDroppedAndThenStopped) {
  on_request = [](const auto& exchange) { exchange->respond({}, "enough"); };
  open();
  const std::int32_t stream = client->request("POST", "/", {}, true);
  client->send_body(stream, std::string(1 << 20, 'x'));
  client->end_body(stream);
  settle();
  EXPECT_EQ(client->message(stream).body, "enough");
  EXPECT_EQ(client->message(stream).closed, NGHTTP2_NO_ERROR);
  EXPECT_EQ(ask("GET", "/").body, "enough");
}

TEST_F(Http2Limits, LargeTrailersAreRefused) {
  keep_requests();
  open();
  const std::int32_t stream = client->request("POST", "/", {}, true);
  client->end_body(stream, {{"t", std::string(http::max_trailer_bytes, 'x')}});
  settle();
  EXPECT_EQ(client->message(stream).status(), "431");
}

// ---- time ----

TEST_F(Http2Limits, AClientThatSaysNothingIsLeft) {
  open();
  look_after(http_limits_.head_timeout + 1s);
  EXPECT_FALSE(is_open);
}

TEST_F(Http2Limits, AnIdleConnectionIsClosedInTime) {
  open();
  ask("GET", "/");
  look_after(http_limits_.idle_timeout - 1s);
  EXPECT_TRUE(is_open);
  look_after(http_limits_.idle_timeout + 1s);
  EXPECT_FALSE(is_open);
  EXPECT_EQ(goaway().error, NGHTTP2_NO_ERROR);
}

TEST_F(Http2Limits, PingsDoNotKeepAConnectionThatAsksForNothing) {
  open();
  ask("GET", "/");
  client->ping();
  settle();
  look_after(http_limits_.idle_timeout + 1s);
  EXPECT_FALSE(is_open);
}

TEST_F(Http2Limits, AHeadThatDoesNotEndInTimeEndsTheConnection) {
  open_raw();
  send(frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, get_head()));
  look_after(http_limits_.head_timeout + 1s);
  expect_calm_down("the request's head did not arrive in time");
  EXPECT_THAT(requests, IsEmpty());
}

TEST_F(Http2Limits, AClientThatOpensNoWindowLosesItsStream) {
  on_request = [this](auto exchange) {
    exchange->respond({}, std::string(200'000, 'x'));
    kept.push_back(std::move(exchange));
  };
  open(false);
  client->open_window(0, 1 << 20);
  const std::int32_t stream = client->request("GET", "/");
  settle();
  look_after(0s);
  look_after(http_limits_.write_timeout - 1s);
  EXPECT_EQ(client->message(stream).closed, std::nullopt);
  // Byte by byte is not enough.
  client->open_window(stream, 1);
  settle();
  look_after(http_limits_.write_timeout + 1s);
  EXPECT_EQ(client->message(stream).closed, NGHTTP2_CANCEL);
  EXPECT_TRUE(kept[0]->client_gone());
  EXPECT_TRUE(is_open);
}

TEST_F(Http2Limits, AClientThatOpensItsWindowSlowlyKeepsItsStream) {
  on_request = [](const auto& exchange) { exchange->respond({}, std::string(200'000, 'x')); };
  open(false);
  client->open_window(0, 1 << 20);
  const std::int32_t stream = client->request("GET", "/");
  settle();
  look_after(1s);
  for (int i = 1; i < 4; ++i) {
    client->open_window(stream, static_cast<std::int32_t>(limits_.least_taken));
    settle();
    look_after(i * (http_limits_.write_timeout - 1s));
  }
  EXPECT_EQ(client->message(stream).closed, std::nullopt);
}

TEST_F(Http2Limits, AClientThatOpensNoWindowOfTheConnectionLosesIt) {
  on_request = [](const auto& exchange) { exchange->respond({}, std::string(200'000, 'x')); };
  open(false);
  for (int i = 0; i < 3; ++i) client->request("GET", "/");
  settle();
  look_after(1s);
  EXPECT_TRUE(is_open);
  look_after(http_limits_.write_timeout + 2s);
  expect_calm_down("the client takes no bytes");
}

TEST_F(Http2Limits, AClientThatTakesNoBytesIsClosed) {
  on_request = [](const auto& exchange) { exchange->respond({}, std::string(20'000, 'x')); };
  open();
  transport->window = 100;
  transport->unacknowledged = 1000;
  client->request("GET", "/");
  settle();
  EXPECT_TRUE(transport->is_writing());
  look_after(http_limits_.write_timeout + 1s);
  EXPECT_FALSE(is_open);
}

// ---- the socket fails ----

TEST_F(Http2Limits, AFailureAtAnyPointEndsTheConnectionAndTellsItsHandler) {
  for (std::size_t fail_at = 1;; ++fail_at) {
    kept.clear();
    on_request = [this](auto exchange) {
      kept.push_back(exchange);
      testing::echo(exchange);
    };
    open();
    transport->operations = 0;
    transport->fail_at = fail_at;
    const std::int32_t stream = client->request("POST", "/", {}, true);
    client->send_body(stream, "body");
    settle();
    client->end_body(stream);
    settle();
    if (transport->operations < fail_at) break;
    EXPECT_FALSE(is_open) << fail_at;
    // A response counts as sent when it is on its way to the socket.
    if (!kept.empty()) EXPECT_TRUE(kept[0]->client_gone() || kept[0]->response_body().at_end()) << fail_at;
    ASSERT_LT(fail_at, 100u);
  }
}

}  // namespace
}  // namespace weft::http2
