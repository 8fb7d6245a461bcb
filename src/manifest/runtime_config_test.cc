#include "manifest/runtime_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::manifest {
namespace {

using testing::HasSubstr;
using testing::Not;

RuntimeConfig loaded(std::string_view text) {
  auto result = load_runtime_config_text(text, "runtime-config.toml");
  EXPECT_TRUE(result.config) << format_all(result.diagnostics);
  return result.config ? *std::move(result.config) : RuntimeConfig{};
}

std::string faults(std::string_view text) {
  const auto result = load_runtime_config_text(text, "runtime-config.toml");
  EXPECT_FALSE(result.config);
  return format_all(result.diagnostics);
}

TEST(RuntimeConfig, ProvidersOfVariablesAreInTheOrderOfTheFileUnderBothNames) {
  const auto config = loaded(R"([[config_provider]]
type = "static"
values = { user_name = "ada", empty = "" }
[[variables_provider]]
type = "env"
[[config_provider]]
type = "env"
prefix = "APP"
dotenv_path = "conf/.env"
)");
  ASSERT_EQ(config.variables_providers.size(), 3u);
  const auto& fixed = std::get<StaticProvider>(config.variables_providers[0].source);
  ASSERT_EQ(fixed.values.size(), 2u);
  EXPECT_EQ(fixed.values[0].first, "user_name");
  EXPECT_EQ(fixed.values[0].second.reveal(), "ada");
  const auto& first = std::get<EnvironmentProvider>(config.variables_providers[1].source);
  EXPECT_EQ(first.prefix, "SPIN_VARIABLE");
  EXPECT_EQ(first.dotenv_path, "");
  const auto& second = std::get<EnvironmentProvider>(config.variables_providers[2].source);
  EXPECT_EQ(second.prefix, "APP");
  EXPECT_EQ(second.dotenv_path, "conf/.env");
}

TEST(RuntimeConfig, WhatIsValidElsewhereIsKeptWithItsPlace) {
  const auto config = loaded(R"(state_dir = "x"
[[variables_provider]]
type = "vault"
url = "http://127.0.0.1:8200"
token = "root"
mount = "secret"
[llm_compute]
type = "spin"
)");
  ASSERT_EQ(config.variables_providers.size(), 1u);
  EXPECT_EQ(std::get<OtherProvider>(config.variables_providers[0].source).type, "vault");
  EXPECT_EQ(config.variables_providers[0].at.line, 2u);
  ASSERT_EQ(config.others.size(), 2u);
  EXPECT_EQ(config.others[0].value, "state_dir");
  EXPECT_EQ(config.others[1].at.line, 7u);
}

TEST(RuntimeConfig, EveryMistakeIsReportedWithLineKeyAndRemedy) {
  const std::string text = faults(R"(stat_dir = "x"
[[variables_provider]]
type = "enviroment"
[[variables_provider]]
type = "env"
prefx = "A"
[[variables_provider]]
type = "static"
values = { "Upper" = "s3cret-one", port = 80 }
[[variables_provider]]
type = "static"
[[variables_provider]]
)");
  for (const char* part : {"runtime-config.toml:1", "stat_dir", "runtime-config.toml:3", "\"env\", \"static\"",
                           "runtime-config.toml:6", "did you mean `prefix`?", "variables_provider[2].values.Upper",
                           "variables_provider[2].values.port", "add values = ", "add type = "}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
}

TEST(RuntimeConfig, ASyntaxErrorShowsNothingOfTheLine) {
  const std::string text = faults("[[variables_provider]]\ntype = \"static\"\nvalues = { a = \"s3cret\" ");
  EXPECT_THAT(text, HasSubstr("runtime-config.toml:3"));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
}

TEST(RuntimeConfig, AMissingFileIsNamed) {
  const auto result = load_runtime_config("/nowhere/runtime-config.toml");
  EXPECT_FALSE(result.config);
  EXPECT_THAT(format_all(result.diagnostics), HasSubstr("/nowhere/runtime-config.toml"));
}

}  // namespace
}  // namespace weft::manifest
