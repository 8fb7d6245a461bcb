#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/load.h"

namespace weft::manifest {
namespace {

constexpr std::string_view sample = R"(spin_manifest_version = "1"
name = "old"
version = "1.0.0"
authors = ["a"]
trigger = { type = "http", base = "/" }

[variables]
greeting = { default = "hi" }

[[component]]
id = "Hello_World"
source = "hello.wasm"
files = [{ source = "static", destination = "/" }]
allowed_http_hosts = ["example.com", "self"]
[component.trigger]
route = "/hello/..."
[component.config]
message = "{{ greeting }}"
[component.build]
command = "make"

[[component]]
id = "closed"
source = { url = "https://example.com/c.wasm", digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000" }
allowed_outbound_hosts = ["redis://r:6379"]
[component.trigger]
route = "/closed"
)";

std::vector<std::string> hosts(const Component& component) {
  std::vector<std::string> texts;
  for (const AllowedHostEntry& entry : component.allowed_outbound_hosts) texts.push_back(entry.entry.text());
  return texts;
}

TEST(VersionOne, IsConverted) {
  const LoadResult result = load_text(sample, "spin.toml");
  ASSERT_TRUE(result.app) << format_all(result.diagnostics);
  EXPECT_TRUE(result.diagnostics.empty()) << format_all(result.diagnostics);
  const App& app = *result.app;
  EXPECT_EQ(app.name, "old");
  ASSERT_EQ(app.triggers.size(), 2u);
  EXPECT_EQ(app.triggers[0].id, "trigger-hello-world");
  EXPECT_EQ(app.triggers[0].component, "hello-world");
  EXPECT_EQ(std::get<HttpTrigger>(app.triggers[0].config).route->value, "/hello/...");
  const Component& hello = *app.find_component("hello-world");
  EXPECT_EQ(hello.variables.at(0).name, "message");
  EXPECT_EQ(hello.files.at(0).destination, "/");
  EXPECT_EQ(hello.build->commands.at(0), "make");
  EXPECT_THAT(hosts(hello), testing::ElementsAre("http://example.com", "https://example.com", "http://self",
                                                 "redis://*:*", "mysql://*:*", "postgres://*:*"));
  EXPECT_THAT(hosts(*app.find_component("closed")), testing::ElementsAre("redis://r:6379"));
}

TEST(VersionOne, AllowAllMeansEveryHostOverHttp) {
  const LoadResult result = load_text(R"(spin_version = "1"
name = "open"
trigger = { type = "http" }
[[component]]
id = "a"
source = "a.wasm"
allowed_http_hosts = ["insecure:allow-all"]
allowed_outbound_hosts = []
[component.trigger]
route = "/"
)",
                                      "spin.toml");
  ASSERT_TRUE(result.app) << format_all(result.diagnostics);
  EXPECT_THAT(hosts(result.app->components[0]), testing::ElementsAre("http://*:*", "https://*:*", "http://self"));
}

TEST(VersionOne, MistakesHaveTheLineOfTheFile) {
  struct Case {
    const char* text;
    std::uint32_t line;
    const char* key;
  };
  constexpr std::string_view head = "spin_manifest_version = \"1\"\nname = \"x\"\ntrigger = { type = \"http\" }\n";
  for (const Case& c :
       {Case{"[[component]]\nsource = \"a.wasm\"\n[component.trigger]\nroute = \"/\"\n", 4, "component[0].id"},
        {"[[component]]\nid = \"a\"\nsource = \"a.wasm\"\n", 4, "component[0].trigger"},
        {"[[component]]\nid = \"a\"\nsource = 1\n[component.trigger]\nroute = \"/\"\n", 6, "component.a.source"},
        {"[component.a]\nsource = \"a.wasm\"\n", 4, "component"},
        {"[[component]]\nid = \"a\"\nsource = \"a\"\ntrigger = { route = \"/\" }\n"
         "[[component]]\nid = \"A\"\nsource = \"a\"\ntrigger = { route = \"/b\" }\n",
         9, "component[1].id"}}) {
    const LoadResult result = load_text(std::string(head) + c.text, "spin.toml");
    EXPECT_FALSE(result.app);
    ASSERT_EQ(result.diagnostics.size(), 1u) << format_all(result.diagnostics);
    EXPECT_EQ(result.diagnostics[0].line, c.line);
    EXPECT_EQ(result.diagnostics[0].key, c.key);
  }
  EXPECT_EQ(load_text("spin_version = \"1\"\nname = \"x\"\n", "spin.toml").diagnostics.at(0).key, "trigger");
}

TEST(VersionOne, ItsListOfComponentsInAVersionTwoManifestIsExplained) {
  const LoadResult result = load_text(
      "spin_manifest_version = 2\n[application]\nname = \"x\"\n[trigger]\n[[component]]\nid = \"a\"\n", "spin.toml");
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_THAT(result.diagnostics[0].message, testing::HasSubstr("version 1"));
}

}  // namespace
}  // namespace weft::manifest
