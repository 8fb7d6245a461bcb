#include "manifest/upgrade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/document.h"
#include "manifest/load.h"
#include "manifest/write_toml.h"

namespace weft::manifest {
namespace {

using testing::HasSubstr;

TEST(Upgrade, WritesTheSameApplicationAsVersionTwo) {
  const auto upgraded = upgrade_to_version2(R"(spin_manifest_version = "1"
name = "old"
version = "1.0.0"
trigger = { type = "http", base = "/" }
[variables]
greeting = { default = "say \"hi\"" }
[[component]]
id = "Hello_World"
source = "hello.wasm"
files = [{ source = "static", destination = "/" }]
allowed_http_hosts = ["example.com"]
[component.trigger]
route = "/hello/..."
[component.config]
message = "{{ greeting }}"
[component.build]
command = "make"
)");
  ASSERT_TRUE(upgraded) << upgraded.error().message();
  EXPECT_EQ(*upgraded, R"(spin_manifest_version = 2

[application]
name = "old"
version = "1.0.0"

[application.trigger.http]
base = "/"

[variables.greeting]
default = "say \"hi\""

[[trigger.http]]
route = "/hello/..."
id = "trigger-hello-world"
component = "hello-world"

[component.hello-world]
source = "hello.wasm"
allowed_outbound_hosts = ["http://example.com", "https://example.com", "redis://*:*", "mysql://*:*", "postgres://*:*"]

[[component.hello-world.files]]
source = "static"
destination = "/"

[component.hello-world.variables]
message = "{{ greeting }}"

[component.hello-world.build]
command = "make"
)");
  const LoadResult loaded = load_text(*upgraded, "spin.toml", {.strict = true});
  EXPECT_TRUE(loaded.app) << format_all(loaded.diagnostics);
}

TEST(Upgrade, SaysWhatIsWrongWithTheOldManifest) {
  const auto upgraded = upgrade_to_version2("spin_version = \"1\"\nname = \"a\"\n[[component]]\nsource = \"a.wasm\"\n");
  ASSERT_FALSE(upgraded);
  EXPECT_THAT(upgraded.error().message(), HasSubstr("the component has no id"));
}

TEST(WriteToml, IsReadBackAsTheSameTree) {
  const char* text =
      "a = 1\nb = -2.5\nc = 3.0\nd = true\ne = \"q\\\" \\\\ \\n \\u0001 \xc3\xbc\"\n\"odd key\" = [1, [2, \"x\"], {k = "
      "1}]\n"
      "f = {}\ng = []\nh = 1979-05-27T07:32:00Z\ni = inf\n"
      "[t]\nx = 1\n[t.u.v]\ny = 2\n[[t.list]]\nz = 1\n[t.list.inner]\nw = 2\n[[t.list]]\nz = 2\n";
  const auto first = parse_document(text);
  ASSERT_TRUE(first) << first.error().message;
  const std::string written = write_toml(*first);
  const auto second = parse_document(written);
  ASSERT_TRUE(second) << second.error().message << "\n" << written;
  // Locations aside, the trees are the same: they are written the same.
  EXPECT_EQ(write_toml(*second), written);
  for (const char* line : {"a = 1\n", "b = -2.5\n", "c = 3.0\n", "d = true\n", "f = {}\n", "g = []\n", "i = inf\n",
                           "\"odd key\" = [1, [2, \"x\"], { k = 1 }]\n", "\n[t]\nx = 1\n", "\n[t.u.v]\ny = 2\n",
                           "\n[[t.list]]\nz = 1\n\n[t.list.inner]\nw = 2\n\n[[t.list]]\nz = 2\n"}) {
    EXPECT_THAT(written, HasSubstr(line));
  }
}

}  // namespace
}  // namespace weft::manifest
