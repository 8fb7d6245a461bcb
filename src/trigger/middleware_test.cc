#include "trigger/middleware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/load.h"

namespace weft::trigger {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

// Spin's own sample (crates/loader/tests/ui/middleware.toml).
constexpr std::string_view sample = R"(spin_manifest_version = 2
[application]
name = "chain-of-command"
[[trigger.http]]
route = "/has-middleware"
component = "four-lights"
dependencies.middleware = [{ path = "wasm/dummy.wasm" }, { component = "middly2" }]
[[trigger.http]]
route = "/doesnt-have-middleware"
component = "five-lights"
[[trigger.http]]
route = "/same-comp-different-mw1"
component = "six-lights"
dependencies.middleware = [{ path = "wasm/dummy.wasm" }]
[[trigger.http]]
route = "/same-comp-different-mw2"
component = "six-lights"
dependencies.middleware = [{ component = "middly2" }]
[component.four-lights]
source = "wasm/dummy.wasm"
[component.five-lights]
source = "wasm/dummy.wasm"
[component.six-lights]
source = "wasm/dummy.wasm"
[component.middly2]
source = "wasm/dummy2.wasm"
)";

TEST(Middleware, AComponentOfSeveralTriggersIsCopiedForThoseWithMiddleware) {
  auto loaded = manifest::load_text(sample, "spin.toml");
  ASSERT_TRUE(loaded.app.has_value()) << manifest::format_all(loaded.diagnostics);
  manifest::App& app = *loaded.app;
  EXPECT_THAT(separate_middleware(app),
              ElementsAre(Pair("four-lights", SizeIs(2)), Pair("six-lights-for-http-trigger1", SizeIs(1)),
                          Pair("six-lights-for-six-lights-http-trigger", SizeIs(1))));
  EXPECT_EQ(app.triggers[0].component, "four-lights");
  EXPECT_EQ(app.triggers[1].component, "five-lights");
  EXPECT_EQ(app.triggers[2].component, "six-lights-for-six-lights-http-trigger");
  EXPECT_EQ(app.triggers[3].component, "six-lights-for-http-trigger1");
  ASSERT_NE(app.find_component("six-lights-for-http-trigger1"), nullptr);
  EXPECT_FALSE(app.find_component("six-lights")->used);
  EXPECT_TRUE(app.find_component("six-lights-for-http-trigger1")->used);
}

TEST(Middleware, ATriggerWithoutAnyKeepsTheComponent) {
  std::string text(sample);
  const std::string second = "dependencies.middleware = [{ component = \"middly2\" }]\n[component";
  text.replace(text.find(second), second.size(), "[component");
  auto loaded = manifest::load_text(text, "spin.toml");
  ASSERT_TRUE(loaded.app.has_value()) << manifest::format_all(loaded.diagnostics);
  separate_middleware(*loaded.app);
  EXPECT_EQ(loaded.app->triggers[3].component, "six-lights");
  EXPECT_TRUE(loaded.app->find_component("six-lights")->used);
}

}  // namespace
}  // namespace weft::trigger
