#include "trigger/unserved.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/load.h"

namespace weft::trigger {
namespace {

std::vector<std::string> refusals(std::string_view rest) {
  const std::string text = "spin_manifest_version = 2\n[application]\nname = \"it\"\n" + std::string(rest);
  auto loaded = manifest::load_text(text, "folder/spin.toml");
  EXPECT_TRUE(loaded.app.has_value()) << manifest::format_all(loaded.diagnostics);
  std::vector<std::string> out;
  if (!loaded.app) return out;
  for (const Error& error : unserved(*loaded.app)) {
    EXPECT_EQ(error.code(), Errc::unsupported);
    out.push_back(error.message());
  }
  return out;
}

TEST(Unserved, NothingOfAPlainApplication) {
  EXPECT_TRUE(
      refusals("[[trigger.http]]\nroute = \"/\"\ncomponent = \"a\"\n[component.a]\nsource = \"a.wasm\"\n").empty());
}

TEST(Unserved, EachThingIsNamedWithItsLineAndAWayOut) {
  const auto found = refusals(R"([[trigger.redis]]
channel = "c"
address = "redis://localhost:6379"
component = "a"
[[trigger.cron]]
component = "a"
[[trigger.http]]
route = "/"
component = "a"
executor = { type = "wagi" }
dependencies.middleware = [{ version = "1.0.0", package = "acme:m" }]
[component.a]
source = { registry = "example.com", package = "acme:a", version = "1.0.0" }
[component.a.dependencies]
"acme:b/c@1.0.0" = { path = "b.wasm" }
"acme:b/d" = "^1.0"
[component.unused]
source = { registry = "example.com", package = "acme:a", version = "1.0.0" }
)");
  EXPECT_THAT(
      found,
      testing::UnorderedElementsAre(
          testing::StartsWith("spin.toml:4: trigger"), testing::StartsWith("spin.toml:8: trigger"),
          testing::AllOf(testing::HasSubstr("component a comes from a registry"), testing::HasSubstr("spin.toml:16")),
          "spin.toml:19: dependency acme:b/d of component a comes from a registry (not yet): download it and name the "
          "file, or its URL and digest, in `source`",
          testing::StartsWith("spin.toml:14: middleware of trigger a-http-trigger comes from a registry")));
}

}  // namespace
}  // namespace weft::trigger
