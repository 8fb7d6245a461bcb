#include "manifest/key_value_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::manifest {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string faults_of(std::string_view text) {
  const auto result = load_runtime_config_text(text, "site/runtime-config.toml");
  EXPECT_FALSE(result.config) << text;
  return format_all(result.diagnostics);
}

TEST(KeyValueConfig, HasEachStoreWithItsLabel) {
  const auto result = load_runtime_config_text(R"([key_value_store.default]
type = "spin"
[key_value_store.cart]
type = "spin"
path = "data/cart.db"
[key_value_store.far_away]
type = "redis"
url = "redis://:secret@example.com"
[key_value_store.cloud]
type = "aws_dynamo"
region = "eu"
)",
                                               "site/runtime-config.toml");
  ASSERT_TRUE(result.config) << format_all(result.diagnostics);
  const auto& stores = result.config->key_value_stores;
  ASSERT_EQ(stores.size(), 4u);
  EXPECT_EQ(stores[0].label, "default");
  EXPECT_EQ(std::get<SpinKeyValueStore>(stores[0].store).path, std::nullopt);
  EXPECT_EQ(std::get<SpinKeyValueStore>(stores[1].store).path, "site/data/cart.db");
  EXPECT_EQ(stores[2].label, "far_away");
  EXPECT_EQ(std::get<RedisKeyValueStore>(stores[2].store).url.reveal(), "redis://:secret@example.com");
  EXPECT_EQ(std::get<OtherKeyValueStore>(stores[3].store).type, "aws_dynamo");
  EXPECT_EQ(stores[3].at.line, 9u);
}

TEST(KeyValueConfig, EveryMistakeHasItsLineAndNoneIsQuoted) {
  const std::string faults = faults_of(R"([key_value_store.a]
type = "redis"
ulr = "redis://:secret@h"
[key_value_store.b]
type = "mongo"
[key_value_store.c]
path = "x"
[key_value_store."D E"]
type = "spin"
[key_value_store.e]
type = "spin"
path = ""
)");
  EXPECT_THAT(faults, HasSubstr("runtime-config.toml:3:1: error: key_value_store.a.ulr"));
  EXPECT_THAT(faults, HasSubstr("key_value_store.a.url"));
  EXPECT_THAT(faults, HasSubstr("runtime-config.toml:5:8: error: key_value_store.b.type: unknown type of store"));
  EXPECT_THAT(faults, HasSubstr("key_value_store.c.type"));
  EXPECT_THAT(faults, HasSubstr("`D E` is not a label"));
  EXPECT_THAT(faults, HasSubstr("key_value_store.e.path"));
  EXPECT_THAT(faults, Not(HasSubstr("secret")));
}

TEST(KeyValueConfig, OtherSectionsAreKeptByNameAndUnknownOnesRefused) {
  const auto result = load_runtime_config_text("[llm_compute]\ntype = \"spin\"\n", "r.toml");
  ASSERT_TRUE(result.config);
  ASSERT_EQ(result.config->others.size(), 1u);
  EXPECT_EQ(result.config->others[0].value, "llm_compute");
  EXPECT_THAT(faults_of("[key_value_stores.a]\ntype = \"spin\"\n"), HasSubstr("key_value_stores"));
  EXPECT_THAT(faults_of("key_value_store = 1\n"), HasSubstr("key_value_store"));
}

}  // namespace
}  // namespace weft::manifest
