#include "cli/link_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

class LinkFile : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weft-links-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }
  fs::path folder;
};

TEST_F(LinkFile, WhatIsSavedIsLoadedAndOnlyItsOwnerMayReadIt) {
  EXPECT_EQ(load_links(folder).value(), LinkTargets());
  const LinkTargets links{{"cart", "redis://:secret@h"}, {"default", "/data/kv.db"}};
  ASSERT_TRUE(save_links(folder, links));
  EXPECT_EQ(load_links(folder).value(), links);
  EXPECT_EQ(fs::status(folder / "links.json").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(save_links(folder, {}));
  EXPECT_EQ(load_links(folder).value(), LinkTargets());
}

TEST_F(LinkFile, AFileOfSomethingElseIsAnErrorThatNamesIt) {
  for (const char* text : {"", "{", "[]", "{}", "{\"weft_links\":2,\"key_value\":{}}", "{\"weft_links\":1}",
                           "{\"weft_links\":1,\"key_value\":{\"a\":1}}", "{\"weft_links\":\"1\",\"key_value\":{}}"}) {
    std::ofstream(folder / "links.json") << text;
    const auto links = load_links(folder);
    ASSERT_FALSE(links) << text;
    EXPECT_NE(links.error().message().find("links.json"), std::string::npos) << links.error().message();
  }
}

TEST_F(LinkFile, WithoutItsFolderNothingIsLoadedAndSavingFails) {
  EXPECT_EQ(load_links(folder / "missing").value(), LinkTargets());
  EXPECT_FALSE(save_links(folder / "missing", {}));
}

}  // namespace
}  // namespace weft::cli
