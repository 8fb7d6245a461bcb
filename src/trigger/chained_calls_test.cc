#include "trigger/chained_calls.h"

#include <gtest/gtest.h>

namespace weft::trigger {
namespace {

using http::ClientFault;

class Chained : public ::testing::Test {
 protected:
  Loop loop{1};
  std::unique_ptr<ChainedCalls> calls = std::make_unique<ChainedCalls>(loop);
  std::vector<std::shared_ptr<http::Exchange>> served;

  void turn() {
    loop.restart();
    while (loop.poll() > 0) loop.restart();
  }
  static http::ClientRequest request(std::string method = "GET") {
    http::ClientRequest made;
    made.origin = {.tls = false, .host = "b.spin.internal", .port = 80};
    made.authority = "b.spin.internal";
    made.method = std::move(method);
    made.path_with_query = "?x=1";
    made.fields.append("x-a", "b");
    return made;
  }
  std::shared_ptr<http::ClientExchange> start(http::ClientRequest of, std::optional<std::string> body = "") {
    auto asked = std::make_shared<http::ClientExchange>(std::move(of));
    if (body) asked->request_body().fill(*std::move(body));
    calls->start(asked, [this](auto exchange) { served.push_back(std::move(exchange)); });
    return asked;
  }
  static http::ResponseHead head(unsigned status) {
    http::ResponseHead made{.status = status, .fields = {}};
    made.fields.append("x-c", "d");
    return made;
  }
};

TEST_F(Chained, ARequestIsAnsweredAndNothingHappensWithinTheCall) {
  const auto asked = start(request("POST"), "ping");
  EXPECT_TRUE(served.empty());
  turn();
  ASSERT_EQ(served.size(), 1u);
  http::Exchange& exchange = *served[0];
  EXPECT_EQ(exchange.request().method, "POST");
  EXPECT_EQ(exchange.request().path_with_query, "/?x=1");
  EXPECT_EQ(exchange.request().authority, "b.spin.internal");
  EXPECT_EQ(exchange.request().client_address, "0.0.0.0:0");
  EXPECT_EQ(exchange.request().fields.get("x-a"), "b");
  EXPECT_EQ(exchange.request_body().take_all(), "ping");
  EXPECT_TRUE(exchange.request_body().at_end());
  bool told = false;
  asked->on_response = [&] { told = true; };
  exchange.respond(head(201), "pong");
  EXPECT_TRUE(told);
  ASSERT_TRUE(asked->has_response());
  EXPECT_EQ(asked->response().status, 201u);
  EXPECT_EQ(asked->response().fields.get("x-c"), "d");
  EXPECT_EQ(asked->response_body().take_all(), "pong");
  EXPECT_TRUE(asked->response_body().at_end());
  turn();
  EXPECT_EQ(calls->open(), 0u);
}

TEST_F(Chained, BodiesAreStreamedBothWaysInBoundedMemory) {
  const auto asked = start(request("POST"), std::nullopt);
  turn();
  http::Exchange& exchange = *served.at(0);
  http::BodyPipe& answer = exchange.respond_streaming(head(200));
  constexpr std::size_t size = 1 << 20;
  const auto write = [](http::BodyPipe& pipe, std::size_t& written) {
    while (written < size && pipe.writable() > 0) {
      const std::string piece(std::min(pipe.writable(), size - written), 'x');
      pipe.write(piece);
      written += piece.size();
      if (written == size) pipe.finish();
    }
  };
  std::size_t asked_bytes = 0, answered_bytes = 0, received = 0, returned = 0;
  write(asked->request_body(), asked_bytes);
  write(answer, answered_bytes);
  // Two pipes are full, and wait.
  EXPECT_EQ(asked_bytes, 2 * http::body_pipe_capacity);
  EXPECT_EQ(answered_bytes, 2 * http::body_pipe_capacity);
  while (!exchange.request_body().at_end() || !asked->response_body().at_end()) {
    received += exchange.request_body().take_all().size();
    returned += asked->response_body().take_all().size();
    write(asked->request_body(), asked_bytes);
    write(answer, answered_bytes);
  }
  EXPECT_EQ(received, size);
  EXPECT_EQ(returned, size);
}

TEST_F(Chained, TrailersPass) {
  const auto asked = start(request("POST"), std::nullopt);
  turn();
  http::Fields trailers;
  trailers.append("x-t", "u");
  asked->request_body().finish(trailers);
  EXPECT_EQ(served.at(0)->request_body().trailers()->get("x-t"), "u");
  served[0]->respond_streaming(head(200)).finish(trailers);
  EXPECT_TRUE(asked->response_body().at_end());
  EXPECT_EQ(asked->response_body().trailers()->get("x-t"), "u");
}

TEST_F(Chained, AResponseToHeadHasNoBody) {
  const auto asked = start(request("HEAD"));
  turn();
  served.at(0)->respond(head(200), "not for you");
  EXPECT_TRUE(asked->response_body().at_end());
  EXPECT_EQ(asked->response_body().take_all(), "");
}

TEST_F(Chained, WhoLeavesEndsTheOthersWork) {
  const auto asked = start(request());
  turn();
  bool gone = false;
  served.at(0)->on_client_gone = [&] { gone = true; };
  asked->cancel();
  EXPECT_FALSE(gone);  // not within the call: it may come from a fiber
  turn();
  EXPECT_TRUE(gone);
  EXPECT_EQ(calls->open(), 0u);
  // And who does not want the rest of a response.
  const auto second = start(request());
  turn();
  http::BodyPipe& body = served.at(1)->respond_streaming(head(200));
  second->response_body().cancel();
  turn();
  EXPECT_TRUE(body.cancelled());
  EXPECT_TRUE(served[1]->client_gone());
}

TEST_F(Chained, AResponseThatBreaksDoesNotLookComplete) {
  const auto asked = start(request());
  turn();
  http::BodyPipe& body = served.at(0)->respond_streaming(head(200));
  body.write("half");
  body.abort("it failed");
  EXPECT_EQ(asked->response_body().take_all(), "half");
  EXPECT_TRUE(asked->response_body().failed());
  EXPECT_EQ(asked->error()->fault, ClientFault::response_incomplete);
}

TEST_F(Chained, ARequestWhoseBodyIsGivenUpEnds) {
  const auto asked = start(request("POST"), std::nullopt);
  turn();
  asked->request_body().abort("no more");
  turn();
  EXPECT_EQ(asked->error()->fault, ClientFault::request_aborted);
  EXPECT_TRUE(served.at(0)->client_gone());
}

TEST_F(Chained, TimeOutsAreHeeded) {
  http::ClientRequest hurried = request();
  hurried.timeouts.first_byte = std::chrono::seconds(60);
  hurried.timeouts.between_bytes = std::chrono::seconds(60);
  const auto silent = start(hurried);
  const auto slow = start(hurried);
  const auto unfinished = start(hurried, std::nullopt);
  turn();
  served.at(1)->respond_streaming(head(200)).write("a");
  const auto now = ChainedCalls::Clock::now();
  calls->sweep(now + std::chrono::seconds(1));
  EXPECT_FALSE(silent->responded());
  calls->sweep(now + std::chrono::seconds(90));
  turn();
  EXPECT_EQ(silent->error()->fault, ClientFault::read_timeout);
  EXPECT_TRUE(served[0]->client_gone());
  EXPECT_EQ(slow->error()->fault, ClientFault::read_timeout);
  EXPECT_EQ(slow->response_body().take_all(), "a");
  EXPECT_EQ(slow->response_body().fault(), http::BodyFault::timed_out);
  // The time runs from the end of the request.
  EXPECT_FALSE(unfinished->responded());
}

TEST_F(Chained, TooManyAtOnceAreRefused) {
  std::vector<std::shared_ptr<http::ClientExchange>> kept;
  for (std::size_t i = 0; i < max_chained_calls; ++i) kept.push_back(start(request()));
  const auto more = start(request());
  turn();
  EXPECT_EQ(more->error()->fault, ClientFault::connection_limit);
  EXPECT_EQ(served.size(), max_chained_calls);
  served[0]->respond(head(200), "");
  turn();
  const auto next = start(request());
  turn();
  EXPECT_FALSE(next->responded());
  EXPECT_EQ(served.size(), max_chained_calls + 1);
}

TEST_F(Chained, BothSidesMayOutliveTheLoopsCalls) {
  const auto asked = start(request("POST"), std::nullopt);
  const auto unbegun = start(request());
  turn();
  const auto late = start(request());
  calls.reset();
  asked->request_body().write("x");
  served.at(0)->respond(head(200), "nobody");
  asked->cancel();
  turn();
  EXPECT_EQ(served.size(), 2u);
  EXPECT_FALSE(late->responded());
}

}  // namespace
}  // namespace weft::trigger
