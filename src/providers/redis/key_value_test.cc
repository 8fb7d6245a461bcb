#include "providers/redis/key_value.h"

#include "provider/testing/key_value_contract.h"
#include "providers/redis/testing/server.h"

namespace weft::provider::redis {
namespace {

using provider::testing::bytes;
using provider::testing::KeyValueCase;
using provider::testing::KeyValueContract;
using provider::testing::KeyValueHarness;
using provider::testing::run;
using testing::Server;

class RedisHarness final : public KeyValueHarness {
 public:
  KeyValueStore& store() override { return store_; }

 private:
  Server server_;
  std::shared_ptr<Client> client_ = std::make_shared<Client>(Address::parse(server_.url()).value());
  RedisKeyValue store_{client_};
};

INSTANTIATE_TEST_SUITE_P(Redis, KeyValueContract,
                         ::testing::Values(KeyValueCase{"redis", [] { return std::make_unique<RedisHarness>(); }}));

class RedisKeyValueTest : public ::testing::Test {
 protected:
  Result<Reply> ask(std::vector<std::string> command) {
    return run(loop, client->command(std::move(command), Repeat::never));
  }
  Server server;
  std::shared_ptr<Client> client = std::make_shared<Client>(Address::parse(server.url()).value());
  RedisKeyValue store{client};
  Loop loop;
};

TEST_F(RedisKeyValueTest, KeysAndCountersAreThoseThatOtherProgramsSee) {
  ASSERT_TRUE(run(loop, store.set("user:1", bytes("ada"))));
  EXPECT_EQ(ask({"GET", "user:1"}).value().text, "ada");
  EXPECT_EQ(run(loop, store.increment("hits", 41)).value(), 41);
  EXPECT_EQ(ask({"INCR", "hits"}).value().integer, 42);
}

TEST_F(RedisKeyValueTest, AKeyOfAnotherTypeIsAnErrorThatSaysSo) {
  ASSERT_TRUE(ask({"RPUSH", "list", "a"}));
  const auto failed = run(loop, store.get("list"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::invalid);
  EXPECT_NE(failed.error().message().find("WRONGTYPE"), std::string::npos);
  EXPECT_EQ(run(loop, store.get_many({"list"})).value().front().second, std::nullopt);
}

TEST_F(RedisKeyValueTest, ItsSummaryNamesTheServerAndNoPassword) {
  EXPECT_EQ(RedisKeyValue(std::make_shared<Client>(Address::parse("redis://u:secret@example.com/1").value())).summary(),
            "Redis at example.com:6379");
}

}  // namespace
}  // namespace weft::provider::redis
