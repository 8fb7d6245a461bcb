#include "project/scaffold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace weft::project {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Scaffold : public testing::Test {
 protected:
  Scaffold() {
    char name[] = "/tmp/weft-scaffold-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~Scaffold() override { fs::remove_all(folder_); }

  static std::string read(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  std::vector<ProjectFile> files_ = {{"a.txt", "new a", false}, {"deep/er/run.sh", "#!/bin/sh\n", true}};
};

TEST_F(Scaffold, WritesFilesAndTheirFolders) {
  ASSERT_TRUE(write_project(folder_ / "app", files_, Existing::refuse));
  EXPECT_EQ(read(folder_ / "app/a.txt"), "new a");
  EXPECT_EQ(access((folder_ / "app/deep/er/run.sh").c_str(), X_OK), 0);
  EXPECT_NE(access((folder_ / "app/a.txt").c_str(), X_OK), 0);
}

TEST_F(Scaffold, WritesNothingWhereAFileIsInTheWay) {
  fs::create_directories(folder_ / "deep/er");
  std::ofstream(folder_ / "deep/er/run.sh") << "mine";
  auto written = write_project(folder_, files_, Existing::refuse);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message(), HasSubstr("deep/er/run.sh"));
  EXPECT_THAT(written.error().message(), HasSubstr("--allow-overwrite"));
  EXPECT_FALSE(fs::exists(folder_ / "a.txt"));
  ASSERT_TRUE(write_project(folder_, files_, Existing::overwrite));
  EXPECT_EQ(read(folder_ / "deep/er/run.sh"), "#!/bin/sh\n");
}

TEST_F(Scaffold, FollowsNoLink) {
  std::ofstream(folder_ / "victim") << "mine";
  fs::create_symlink("../victim", folder_ / "a.txt");
  fs::create_directory(folder_ / "app");
  fs::create_symlink("../victim", folder_ / "app/a.txt");
  EXPECT_FALSE(write_project(folder_ / "app", files_, Existing::refuse));
  EXPECT_FALSE(write_project(folder_ / "app", files_, Existing::overwrite));
  EXPECT_EQ(read(folder_ / "victim"), "mine");
}

}  // namespace
}  // namespace weft::project
