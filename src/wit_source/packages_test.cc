#include "wit_source/packages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace weft::wit_source {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class PackagesTest : public ::testing::Test {
 protected:
  PackagesTest() { fs::create_directories(folder_ / "deps"); }
  ~PackagesTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string error() {
    const auto read = Packages::read(folder_);
    return read ? "" : read.error().message();
  }
  static std::vector<std::string> names(const std::map<std::string, FlatItem>& items) {
    std::vector<std::string> all;
    for (const auto& [name, unused] : items) all.push_back(name);
    return all;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("weft-packages-test-" + std::to_string(getpid()));
};

TEST_F(PackagesTest, AFolderIsOnePackageAndDepsHaveTheOthers) {
  write("a.wit",
        "package acme:shop@1.0.0;\ninterface cart { use wasi:io/poll@0.2.0.{pollable}; wait: func(p: "
        "borrow<pollable>); }");
  write("b.wit", "world shop { export cart; }");
  write("deps/io/poll.wit", "package wasi:io@0.2.0;\ninterface poll { resource pollable; }");
  write("deps/clocks.wit", "package wasi:clocks@0.2.0;\ninterface now { type time = u64; }");
  const auto read = Packages::read(folder_);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ((*read)->main().name, "acme:shop");
  const auto world = (*read)->find_world("");
  ASSERT_TRUE(world) << world.error().message();
  const auto flat = (*read)->flatten(**world).value();
  EXPECT_THAT(names(flat.exports), ElementsAre("acme:shop/cart@1.0.0"));
  EXPECT_THAT(names(flat.imports), ElementsAre("wasi:io/poll@0.2.0")) << "whose types it uses";
}

TEST_F(PackagesTest, AWorldHasWhatItIncludes) {
  write("w.wit", R"(package a:b;
interface one { f: func(); }
world base { import one; export run: func(); export stop: func(); }
world all { include base with { run as go } import log: func(); }
world circle { include circle; })");
  const auto read = Packages::read(folder_).value();
  const auto flat = read->flatten(*read->find_world("all").value()).value();
  EXPECT_THAT(names(flat.imports), ElementsAre("a:b/one", "log"));
  EXPECT_THAT(names(flat.exports), ElementsAre("go", "stop"));
  EXPECT_THAT(read->flatten(*read->find_world("circle").value()).error().message(), HasSubstr("includes itself"));
  EXPECT_THAT(read->find_world("").error().message(), HasSubstr("several worlds: base, all, circle"));
  EXPECT_THAT(read->find_world("none").error().message(), HasSubstr("no world none; there is base"));
  EXPECT_TRUE(read->find_world("a:b/all"));
}

TEST_F(PackagesTest, ATypeIsFoundThroughUsesAndOtherNames) {
  write("w.wit", R"(package a:b;
interface one { record user { name: string } type person = user; }
interface two { use one.{person as somebody}; type author = somebody; }
use one as first;
interface three { use first.{user}; })");
  const auto read = Packages::read(folder_).value();
  const auto& interfaces = read->main().interfaces;
  const Scope two{.package = &read->main(), .body = &interfaces[1].body, .owner = "a:b/two"};
  const auto found = read->find_type(two, "author", {}).value();
  EXPECT_EQ(found.type->name, "user");
  EXPECT_EQ(found.scope.owner, "a:b/one");
}

TEST_F(PackagesTest, WhatMeansNothingIsNamedWithFileAndLine) {
  write("w.wit", "package a:b;\ninterface one {\n  f: func(x: user);\n}");
  EXPECT_THAT(error(), EndsWith("w.wit:3: a:b/one has no type user"));
  write("w.wit", "package a:b;\ninterface one {\n  use wasi:io/poll@0.2.1.{pollable};\n}");
  EXPECT_THAT(error(), EndsWith("w.wit:3: there is no package wasi:io@0.2.1: put it in deps/"));
  write("deps/io.wit", "package wasi:io@0.2.0;\ninterface poll { resource pollable; }");
  EXPECT_THAT(error(), EndsWith("w.wit:3: there is no package wasi:io@0.2.1; there is wasi:io@0.2.0"));
  write("w.wit", "package a:b;\ninterface one { type x = y; type y = x; }");
  EXPECT_THAT(error(), HasSubstr("is defined by itself"));
  write("w.wit", "package a:b;\ninterface one { use two.{t}; }\ninterface two { use one.{t}; }");
  EXPECT_THAT(error(), HasSubstr("is defined by itself"));
  write("w.wit", "package a:b;\ninterface one { type r = u8; f: func(x: borrow<r>); }");
  EXPECT_THAT(error(), HasSubstr("r is no resource"));
  write("w.wit", "package a:b;\ninterface one {}\ninterface one {}");
  EXPECT_THAT(error(), EndsWith("w.wit:3: the package has another one"));
  write("w.wit", "interface one {}");
  EXPECT_THAT(error(), HasSubstr("begin a file with `package namespace:name;`"));
  write("w.wit", "package a:b;\ninterface {");
  EXPECT_THAT(error(), EndsWith("w.wit:2: expected a name, found `{`"));
  write("w.wit", "package a:b;");
  write("v.wit", "package a:c;");
  EXPECT_THAT(error(), HasSubstr("beside it is of a:c"));
}

TEST_F(PackagesTest, AFolderWithoutWitIsToldSo) {
  EXPECT_THAT(error(), HasSubstr("has no WIT"));
  EXPECT_EQ(Packages::read(folder_ / "none").error().code(), Errc::not_found);
}

}  // namespace
}  // namespace weft::wit_source
