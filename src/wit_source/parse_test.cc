#include "wit_source/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::wit_source {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view text) {
  const auto parts = parse(text, 0);
  return parts ? "" : parts.error().message();
}
Part first(std::string_view text) {
  auto parts = parse(text, 0);
  EXPECT_TRUE(parts) << parts.error().message();
  return parts ? parts->front() : Part();
}
Body body(const std::string& items) {
  const Part part = first("package a:b;\ninterface i {\n" + items + "\n}");
  return part.interfaces.empty() ? Body() : part.interfaces.front().body;
}

TEST(ParseWit, APackageHasInterfacesAndWorlds) {
  const Part part =
      first("/// Text.\npackage acme:shop@1.2.0-rc.1;\n\ninterface cart {}\nworld shop { export cart; }\n");
  EXPECT_EQ(part.package, "acme:shop");
  EXPECT_EQ(part.version, "1.2.0-rc.1");
  EXPECT_EQ(part.interfaces.front().name, "cart");
  EXPECT_EQ(part.interfaces.front().at.line, 4u);
  EXPECT_EQ(part.worlds.front().items.front().is_import, false);
}

TEST(ParseWit, PackagesMayStandInsideOfAFile) {
  const auto parts = parse("package a:b;\nworld w {}\npackage c:d@1.0.0 {\n  interface e {}\n}\n", 0);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[1].package, "c:d");
  EXPECT_EQ((*parts)[1].interfaces.front().name, "e");
}

TEST(ParseWit, EveryKindOfTypeIsRead) {
  const Body made = body(R"(
    record user { name: string, age: u8, }
    variant shape { point, circle(f64) }
    enum color { red, %enum }
    flags rights { read, write }
    type names = list<string>;
    type grid = list<list<f32, 4>>;
    type all = tuple<option<u8>, result<_, string>, result, map<string, u64>, stream<u8>, future, stream>;
    resource file {
      constructor(path: string) -> result<file, string>;
      read: func(at: u64) -> list<u8>;
      open: static async func() -> own<file>;
    }
    resource bare;
    get: async func(f: borrow<file>) -> file;
    use wasi:io/poll@0.2.0.{pollable, error as io-error};
    use other.{thing};)");
  ASSERT_EQ(made.types.size(), 9u);
  EXPECT_EQ(made.types[2].fields[1].name, "enum");
  EXPECT_EQ(made.types[5].alias->arguments[0]->kind, Type::Kind::fixed_list);
  EXPECT_EQ(made.types[5].alias->arguments[0]->length, 4u);
  EXPECT_EQ(made.types[6].alias->arguments[2]->arguments.size(), 2u) << "a result has two sides";
  ASSERT_EQ(made.funcs.size(), 4u);
  EXPECT_EQ(made.funcs[0].name, "[constructor]file");
  EXPECT_EQ(made.funcs[1].name, "[method]file.read");
  EXPECT_EQ(made.funcs[1].params.front().name, "self");
  EXPECT_EQ(made.funcs[2].name, "[static]file.open");
  EXPECT_TRUE(made.funcs[2].is_async);
  EXPECT_EQ(made.uses[1].alias, "io-error");
  EXPECT_EQ(made.uses[1].from.version, "0.2.0");
  EXPECT_EQ(made.uses[2].from.package, "");
}

TEST(ParseWit, AWorldImportsAndExportsInEveryForm) {
  const Part part = first(R"(package a:b;
    world w {
      include wasi:cli/imports@0.3.0;
      include other with { run as go, x as y }
      import wasi:io/poll@0.2.0;
      import log: func(text: string);
      export handler: interface { run: async func(); }
      export one: cart;
      export two: acme:shop/cart@1.0.0;
      @unstable(feature = rare)
      export rare;
      type id = u32;
    })");
  const World& world = part.worlds.front();
  ASSERT_EQ(world.items.size(), 6u);
  EXPECT_EQ(std::get<Path>(world.items[0].what).package, "wasi:io");
  EXPECT_EQ(world.items[0].name, "");
  EXPECT_EQ(std::get<Func>(world.items[1].what).params.size(), 1u);
  EXPECT_EQ(std::get<Body>(world.items[2].what).funcs.size(), 1u);
  EXPECT_EQ(world.items[3].name, "one");
  EXPECT_EQ(std::get<Path>(world.items[3].what).name, "cart");
  EXPECT_EQ(world.items[4].name, "two");
  EXPECT_EQ(std::get<Path>(world.items[4].what).version, "1.0.0");
  EXPECT_TRUE(world.items[5].is_unstable);
  ASSERT_EQ(world.includes.size(), 2u);
  EXPECT_EQ(world.includes[1].renamed.size(), 2u);
}

TEST(ParseWit, AttributesAndCommentsAreAllowedWhereverItemsStand) {
  const Body made = body(R"(
    /* a /* nested */ comment */
    @since(version = 0.2.0)
    @deprecated(version = 0.2.1-rc.1)
    a: func();
    @unstable(feature = b-c) b: func();
    @external-id("anything here") // and here
    resource r { @since(version = 1.0.0) m: func(); })");
  ASSERT_EQ(made.funcs.size(), 3u);
  EXPECT_FALSE(made.funcs[0].is_unstable);
  EXPECT_TRUE(made.funcs[1].is_unstable);
}

TEST(ParseWit, AMistakeHasItsLineAndWhatWouldBeRight) {
  EXPECT_EQ(error_of("package a;"),
            "line 1: expected `:` and the name of a package, as in `package acme:shop;`, found `;`");
  EXPECT_EQ(error_of("package a:b;\n\ninterfaces x {}"),
            "line 3: expected `interface`, `world`, `use` or `package`, found `interfaces`");
  EXPECT_EQ(error_of("package a:b;\ninterface x {\n  f: fun();\n}"), "line 3: expected `func`, found `fun`");
  EXPECT_EQ(error_of("interface x {\n  f: func()\n}"), "line 3: expected `;`, found `}`");
  EXPECT_EQ(error_of("interface x {"), "line 1: expected a name, found the end");
  EXPECT_EQ(error_of("interface x { type a = list<u8, 0>; }"), "line 1: expected the length of a list, found `0`");
  EXPECT_EQ(error_of("interface x { type a = option; }"), "line 1: option takes another number of types");
  EXPECT_EQ(error_of("package a:b@1.2;"), "line 1: `1.2` is no version: write one as 1.2.3");
  EXPECT_EQ(error_of("interface my_name {}"), "line 1: expected `{`, found `_`");
  EXPECT_EQ(error_of("interface aB {}"), "line 1: `aB` is no name: write words of letters and digits, joined by `-`");
  EXPECT_EQ(error_of("/* \n\n"), "line 1: a comment does not end");
  EXPECT_EQ(error_of("\n\x01"), "line 2: unexpected the byte 0x01");
  EXPECT_EQ(error_of("package a:b;\npackage c:d;"), "line 2: a second `package` in one file");
}

TEST(ParseWit, HostileTextIsRefusedWithinLimits) {
  std::string deep = "interface x { type a = ";
  for (int i = 0; i < 100'000; ++i) deep += "list<";
  EXPECT_THAT(error_of(deep), HasSubstr("nested more than 100 deep"));
  std::string many = "interface x { enum e { ";
  for (int i = 0; i < 200'000; ++i) many += "a,";
  EXPECT_THAT(error_of(many), HasSubstr("more than 100000 names"));
  std::string comments;
  for (int i = 0; i < 100'000; ++i) comments += "/*";
  EXPECT_THAT(error_of(comments), HasSubstr("a comment does not end"));
}

}  // namespace
}  // namespace weft::wit_source
