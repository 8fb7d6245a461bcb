#include "content/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "content/folder.h"

namespace weft::content {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SnapshotTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weft-snapshot-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = fs::canonical(name);
    base_ = top_ / "cache/files";
    fs::create_directories(top_ / "app");
    write("a", "first");
    store_ = FolderStore::create(top_ / "app").value();
  }
  void TearDown() override { fs::remove_all(top_); }

  void write(const fs::path& path, std::string_view text) { std::ofstream(top_ / "app" / path) << text; }
  static std::string text_of(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
  auto create(std::vector<SnapshotFile> files, std::uint64_t max = 1000) {
    return Snapshot::create(base_, *store_, files, max);
  }
  std::size_t kept() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(base_), fs::directory_iterator()));
  }

  fs::path top_;
  fs::path base_;
  std::unique_ptr<FolderStore> store_;
};

TEST_F(SnapshotTest, FilesLieAtTheirPlacesAndLaterEditsDoNotShow) {
  const auto snapshot = create({{{"a"}, "/a"}, {{"a"}, "/deep/er/b"}, {{"a"}, "c"}}).value();
  write("a", "second");
  for (const char* place : {"a", "deep/er/b", "c"}) EXPECT_EQ(text_of(snapshot->folder() / place), "first") << place;
}

TEST_F(SnapshotTest, NobodyElseCanLookIn) {
  fs::create_directories(base_);
  fs::permissions(base_, fs::perms::all);
  const auto snapshot = create({{{"a"}, "/a"}}).value();
  for (const fs::path& folder : {base_, snapshot->folder()}) {
    struct stat status;
    ASSERT_EQ(stat(folder.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u) << folder;
  }
}

TEST_F(SnapshotTest, IsRemovedWithItsObject) {
  create({{{"a"}, "/a"}}).value();
  EXPECT_EQ(kept(), 0u);
  EXPECT_FALSE(create({{{"a"}, "/a"}, {{"missing"}, "/b"}}));
  EXPECT_EQ(kept(), 0u) << "also a half-made one";
}

TEST_F(SnapshotTest, WhatAKilledProcessLeftIsRemovedAndWhatIsInUseIsKept) {
  const auto ours = create({{{"a"}, "/a"}}).value();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto theirs = create({{{"a"}, "/a"}}).value();
    if (::write(ready[1], "x", 1) == 1) pause();
    _exit(1);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto another = create({{{"a"}, "/a"}}).value();
  EXPECT_EQ(kept(), 3u) << "a living process keeps its folder";
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  EXPECT_EQ(kept(), 3u);
  const auto next = create({{{"a"}, "/a"}}).value();
  EXPECT_EQ(kept(), 3u) << "the dead one's is gone";
  EXPECT_EQ(text_of(ours->folder() / "a"), "first");
  EXPECT_EQ(text_of(another->folder() / "a"), "first");
}

TEST_F(SnapshotTest, FilesOfOthersInTheBaseAreLeftAlone) {
  fs::create_directories(base_ / "something");
  const auto snapshot = create({{{"a"}, "/a"}}).value();
  EXPECT_TRUE(fs::exists(base_ / "something"));
}

TEST_F(SnapshotTest, TheBaseMustNotBeALink) {
  fs::create_directories(top_ / "elsewhere");
  fs::create_directories(base_.parent_path());
  fs::create_symlink(top_ / "elsewhere", base_);
  EXPECT_FALSE(create({{{"a"}, "/a"}}));
  EXPECT_TRUE(fs::is_empty(top_ / "elsewhere"));
}

TEST_F(SnapshotTest, TogetherTheFilesHaveALimit) {
  EXPECT_TRUE(create({{{"a"}, "/a"}, {{"a"}, "/b"}}, 10));
  auto failed = create({{{"a"}, "/a"}, {{"a"}, "/b"}}, 9);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::limit);
  EXPECT_THAT(failed.error().message(), HasSubstr("more than 9 bytes"));
}

TEST_F(SnapshotTest, PlacesOutsideOrTwiceAreRefused) {
  for (const char* place : {"../a", "/x/../../a", ".", "x/./a", "", "/", "x/"}) {
    EXPECT_FALSE(create({{{"a"}, place}})) << place;
  }
  EXPECT_FALSE(fs::exists(base_ / "a"));
  EXPECT_THAT(create({{{"a"}, "/x"}, {{"a"}, "/x/y"}}).error().message(), HasSubstr("a file and a folder at once"));
  EXPECT_FALSE(create({{{"a"}, "/x/y"}, {{"a"}, "/x"}}));
  EXPECT_FALSE(create({{{"a"}, "/x"}, {{"a"}, "/x"}}));
}

TEST_F(SnapshotTest, AFileThatBecameALinkSinceItWasFoundIsRefused) {
  std::ofstream(top_ / "secret") << "secret";
  fs::create_symlink("../secret", top_ / "app/link");
  auto failed = create({{{"link", {}, Links::refuse}, "/a"}});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::denied);
}

}  // namespace
}  // namespace weft::content
