// The connection: what is pipelined, lost, late, refused.
#include "providers/redis/client.h"

#include <gtest/gtest.h>

#include "provider/testing/run.h"
#include "providers/redis/key_value.h"
#include "providers/redis/testing/server.h"

namespace weft::provider::redis {
namespace {

using provider::testing::bytes;
using provider::testing::run;
using testing::Server;

class RedisClient : public ::testing::Test {
 protected:
  static std::shared_ptr<Client> connect(const std::string& url, ClientOptions options = {}) {
    return std::make_shared<Client>(Address::parse(url).value(), options);
  }
  Result<Reply> ask(Client& client, std::vector<std::string> command, Repeat repeat = Repeat::never) {
    return run(loop, client.command(std::move(command), repeat));
  }
  // Asks until the server is there again; nobody says when a pause between two attempts is over.
  Result<Reply> ask_until_answered(Client& client, std::vector<std::string> command) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (;;) {
      auto reply = ask(client, command);
      if (reply || std::chrono::steady_clock::now() > until) return reply;
    }
  }
  Loop loop;
};

TEST_F(RedisClient, CommandsOfManyAtOnceAreAnsweredEachWithItsOwn) {
  Server server;
  const auto client = connect(server.url());
  int answered = 0;
  for (int i = 0; i < 5000; ++i) {
    boost::asio::co_spawn(
        loop,
        [&, i]() -> awaitable<void> {
          const auto reply = co_await client->command({"ECHO", std::to_string(i)}, Repeat::never);
          EXPECT_EQ(reply.value().text, std::to_string(i));
          ++answered;
        },
        [](std::exception_ptr failure) { EXPECT_EQ(failure, nullptr); });
  }
  loop.run();
  EXPECT_EQ(answered, 5000);
}

TEST_F(RedisClient, AServerThatIsDownIsRefusedAtOnceAndFoundWhenItIsBack) {
  Server server;
  const auto client = connect(server.url());
  ASSERT_TRUE(ask(*client, {"SET", "a", "1"}));
  server.stop();
  for (int i = 0; i < 20; ++i) {
    const auto began = std::chrono::steady_clock::now();
    const auto failed = ask(*client, {"GET", "a"}, Repeat::harmless);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), Errc::unavailable);
    EXPECT_NE(failed.error().message().find("Redis at"), std::string::npos) << failed.error().message();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
  }
  server.start();
  const auto back = ask_until_answered(*client, {"PING"});
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->text, "PONG");
}

TEST_F(RedisClient, AConnectionThatTheServerClosesIsMadeAnewWithoutAnError) {
  Server server;
  const auto client = connect(server.url());
  const auto other = connect(server.url());
  ASSERT_TRUE(ask(*client, {"SET", "a", "1"}));
  ASSERT_TRUE(ask(*other, {"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
  const auto reply = ask(*client, {"GET", "a"}, Repeat::harmless);
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->text, "1");
}

TEST_F(RedisClient, AServerThatDoesNotAnswerIsGivenUpOnAndAskedAnewLater) {
  Server server;
  const auto client = connect(server.url(), {.answer_timeout = std::chrono::milliseconds(300)});
  ASSERT_TRUE(ask(*client, {"SET", "a", "1"}));
  server.freeze();
  const auto late = ask(*client, {"INCR", "a"});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), Errc::unavailable);
  EXPECT_NE(late.error().message().find("does not answer"), std::string::npos) << late.error().message();
  server.thaw();
  ASSERT_TRUE(ask_until_answered(*client, {"PING"}));
}

TEST_F(RedisClient, LogsInAndChoosesItsDatabase) {
  Server server({"--requirepass", "open sesame"});
  const auto one = connect(server.url() + "?pass=open%20sesame&db=1");
  const auto two = connect(server.url() + "?user=default&pass=open%20sesame&db=2");
  ASSERT_TRUE(ask(*one, {"SET", "a", "1"}));
  EXPECT_EQ(ask(*two, {"GET", "a"}).value().kind, Reply::Kind::nil);
  EXPECT_EQ(ask(*one, {"GET", "a"}).value().text, "1");
  const auto wrong = ask(*connect(server.url() + "?pass=secret"), {"PING"});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("AUTH is refused"), std::string::npos) << wrong.error().message();
  EXPECT_EQ(wrong.error().message().find("secret"), std::string::npos);
}

TEST_F(RedisClient, AfterItIsStoppedCommandsAreCancelled) {
  Server server;
  const auto client = connect(server.url());
  ASSERT_TRUE(ask(*client, {"PING"}));
  client->stop();
  EXPECT_EQ(ask(*client, {"PING"}).error().code(), Errc::cancelled);
  connect(server.url())->stop();  // one that never began
}

TEST_F(RedisClient, ANameThatNobodyHasIsAnError) {
  const auto failed = ask(*connect("redis://no-such-host.invalid"), {"PING"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::unavailable);
}

}  // namespace
}  // namespace weft::provider::redis
