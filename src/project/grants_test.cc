#include "project/grants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "manifest/load.h"
#include "util/read_file.h"

namespace weft::project {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view head = R"(spin_manifest_version = 2
[application]
name = "shop"
[variables]
api = { default = "https://api.example.com" }
[[trigger.http]]
route = "/..."
component = "cart"
)";

class GrantsOfManifest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "weft-grants-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    file = folder / "spin.toml";
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string& text) { std::ofstream(file) << text; }
  std::string text() { return read_file(file, manifest::max_manifest_bytes).value(); }
  Result<Grants> add(Grants wanted, const std::string& id = "cart") {
    auto loaded = manifest::load_file(file);
    EXPECT_TRUE(loaded.app) << manifest::format_all(loaded.diagnostics);
    return add_grants(*loaded.app, id, wanted);
  }
  std::string fault(Grants wanted, const std::string& id = "cart") {
    const auto added = add(std::move(wanted), id);
    return added ? "none" : added.error().message();
  }

  fs::path folder, file;
};

TEST_F(GrantsOfManifest, WhatIsMissingIsAddedOnceAndTheRestStays) {
  const std::string before = std::string(head) +
                             "[component.cart] # of goods\nsource = \"cart.wasm\"\n"
                             "allowed_outbound_hosts = [\"https://a.example\"] # pay\n";
  write(before);
  chmod(file.c_str(), 0640);
  const Grants wanted{.hosts = {"https://a.example", "{{ api }}", "http://b.example:8080", "{{ api }}"},
                      .stores = {"default"}};
  const auto added = add(wanted);
  ASSERT_TRUE(added) << added.error().message();
  EXPECT_THAT(added->hosts, ElementsAre("{{ api }}", "http://b.example:8080"));
  EXPECT_THAT(added->stores, ElementsAre("default"));
  EXPECT_EQ(text(),
            std::string(head) +
                "[component.cart] # of goods\nsource = \"cart.wasm\"\n"
                "allowed_outbound_hosts = [\"https://a.example\", \"{{ api }}\", \"http://b.example:8080\"] # pay\n"
                "key_value_stores = [\"default\"]\n");
  struct stat status{};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  const auto again = add(wanted);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
}

TEST_F(GrantsOfManifest, WhatCannotBeGrantedIsSaidAndTheFileStays) {
  const std::string before = std::string(head) + "[component.cart]\nsource = \"cart.wasm\"\n";
  write(before);
  EXPECT_THAT(fault({.hosts = {"https://a.example"}, .stores = {}}, "card"), HasSubstr("its components are: cart"));
  EXPECT_THAT(fault({.hosts = {"a.example"}, .stores = {}}), HasSubstr("a.example: the scheme is missing"));
  EXPECT_THAT(fault({.hosts = {"https://a.example/path"}, .stores = {}}), HasSubstr("a path is not allowed"));
  EXPECT_THAT(fault({.hosts = {"https://{{ nowhere }}"}, .stores = {}}), HasSubstr("by hand"));
  EXPECT_THAT(fault({.hosts = {"https://{{"}, .stores = {}}), HasSubstr("https://{{"));
  EXPECT_THAT(fault({.hosts = {}, .stores = {"My Store"}}), HasSubstr("My Store: not the label"));
  EXPECT_EQ(text(), before);
}

TEST_F(GrantsOfManifest, AComponentOfVersion1KeepsWhatItIsGrantedWithoutAList) {
  write(R"(spin_version = "1"
name = "old"
version = "1.0.0"
trigger = { type = "http" }
[[component]]
id = "cart"
source = "cart.wasm"
allowed_http_hosts = ["a.example"]
[component.trigger]
route = "/..."
)");
  const auto added = add({.hosts = {"https://b.example"}, .stores = {}});
  ASSERT_TRUE(added) << added.error().message();
  EXPECT_THAT(added->hosts, ElementsAre("https://b.example"));
  for (const char* entry : {"redis://*:*", "mysql://*:*", "postgres://*:*", "https://b.example"})
    EXPECT_THAT(text(), HasSubstr(entry));
  const auto loaded = manifest::load_file(file);
  ASSERT_TRUE(loaded.app);
  EXPECT_EQ(loaded.app->components[0].allowed_outbound_hosts.size(), 6u);
}

}  // namespace
}  // namespace weft::project
