#include "http/exchange.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

ResponseHead head_with(std::string_view name) {
  ResponseHead head{.status = 201, .fields = {}};
  head.fields.append(name, "1");
  return head;
}

TEST(Exchange, IsAnsweredOnceHoweverOftenItsHandlerAnswers) {
  for (int way = 0; way < 3; ++way) {
    Exchange exchange({});
    int told = 0;
    exchange.on_response = [&] { ++told; };
    EXPECT_FALSE(exchange.responded());
    if (way == 0) exchange.respond(head_with("first"), "first");
    if (way == 1) exchange.respond_copy(head_with("first"), "first");
    if (way == 2) exchange.respond_streaming(head_with("first")).fill("first");
    EXPECT_TRUE(exchange.responded());
    exchange.respond(head_with("second"), "second");
    exchange.respond_copy(head_with("third"), "third");
    exchange.respond_streaming(head_with("fourth"));
    EXPECT_EQ(told, 1);
    EXPECT_EQ(exchange.response().status, 201u);
    EXPECT_TRUE(exchange.response().fields.has("first"));
    EXPECT_EQ(exchange.response().fields.size(), 1u);
    EXPECT_EQ(exchange.response_body().front(), "first");
    EXPECT_TRUE(exchange.response_body().finished());
  }
}

TEST(Exchange, ACopiedAnswerLeavesItsOriginal) {
  const ResponseHead head = head_with("kept");
  for (int i = 0; i < 2; ++i) {
    Exchange exchange({});
    exchange.respond_copy(head, "body");
    EXPECT_EQ(exchange.response().fields.get("kept"), "1");
    EXPECT_EQ(exchange.response_body().take_all(), "body");
  }
  EXPECT_EQ(head.fields.get("kept"), "1");
}

TEST(Exchange, WhoseClientHasGoneTellsSoOnceAndEndsBothBodies) {
  Exchange exchange({});
  int told = 0;
  exchange.on_client_gone = [&] { ++told; };
  exchange.request_body().write("there");
  exchange.set_client_gone();
  exchange.set_client_gone();
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(exchange.client_gone());
  EXPECT_EQ(exchange.request_body().take_all(), "there");
  EXPECT_TRUE(exchange.request_body().failed());
  EXPECT_TRUE(exchange.response_body().cancelled());
}

TEST(Exchange, MayBeLetGoByTheCallbackThatTellsOfItsClient) {
  auto exchange = std::make_shared<Exchange>(RequestHead{});
  const std::weak_ptr<Exchange> watched = exchange;
  exchange->on_client_gone = [held = exchange]() mutable { held.reset(); };
  Exchange& connections = *exchange;
  const auto connection_holds = std::move(exchange);
  connections.set_client_gone();
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(Exchange, IsAsNewAfterReset) {
  RequestHead head;
  head.client_address = "192.0.2.1:1";
  Exchange exchange(std::move(head));
  exchange.on_client_gone = [] { ADD_FAILURE() << "told of another request's client"; };
  exchange.on_response = [] {};
  exchange.request_body().abort("cut", BodyFault::too_large);
  exchange.respond(head_with("old"), "old");
  exchange.response_body().cancel();
  exchange.reset();
  EXPECT_EQ(exchange.request().client_address, "192.0.2.1:1");
  EXPECT_FALSE(exchange.responded());
  EXPECT_FALSE(exchange.client_gone());
  EXPECT_EQ(exchange.on_response, nullptr);
  EXPECT_TRUE(exchange.response().fields.empty());
  for (BodyPipe* body : {&exchange.request_body(), &exchange.response_body()}) {
    EXPECT_FALSE(body->ended());
    EXPECT_FALSE(body->cancelled());
    EXPECT_EQ(body->size(), 0u);
    EXPECT_EQ(body->writable(), body_pipe_capacity);
  }
  exchange.set_client_gone();
}

}  // namespace
}  // namespace weft::http
