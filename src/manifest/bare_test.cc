#include "manifest/bare.h"

#include <gtest/gtest.h>

#include "manifest/identifier.h"
#include "manifest/routes.h"

namespace weft::manifest {
namespace {

TEST(BareApp, IsNamedAfterTheFileAndServesEveryPath) {
  const App app = bare_app("/apps/Hello_World.wasm");
  EXPECT_EQ(app.name, "Hello_World");
  EXPECT_EQ(app.root, "/apps");
  ASSERT_EQ(app.components.size(), 1u);
  const Component& component = app.components[0];
  EXPECT_EQ(component.id, "hello-world");
  EXPECT_EQ(std::get<LocalSource>(component.source).path, "Hello_World.wasm");
  EXPECT_TRUE(component.used);
  EXPECT_TRUE(component.allowed_outbound_hosts.empty());
  EXPECT_TRUE(component.files.empty());
  const RouteTable routes = RouteTable::build(app).value();
  EXPECT_EQ(app.triggers[routes.match("/any/path")->trigger].component, "hello-world");
}

TEST(BareApp, AnyFileNameGivesAValidComponentId) {
  for (const char* file : {"x.wasm", "./a/1.wasm", "\xc3\xa9.wat", ".wasm", "noext", "a.b.wasm"}) {
    const App app = bare_app(file);
    EXPECT_TRUE(is_kebab(app.components[0].id)) << file;
    EXPECT_FALSE(app.name.empty()) << file;
    EXPECT_TRUE(app.root.is_absolute()) << file;
  }
}

}  // namespace
}  // namespace weft::manifest
