#include "util/open_beneath.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace weft {
namespace {

namespace fs = std::filesystem;

class OpenBeneath : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weft-beneath-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = name;
    fs::create_directories(top_ / "in/sub");
    std::ofstream(top_ / "in/file") << "in";
    std::ofstream(top_ / "secret") << "out";
    fs::create_symlink("file", top_ / "in/link");
    fs::create_symlink("../secret", top_ / "in/out");
    fs::create_symlink(top_ / "in/file", top_ / "in/absolute");
    fs::create_symlink("loop", top_ / "in/loop");
    folder_ = FileDescriptor(open((top_ / "in").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  void TearDown() override { fs::remove_all(top_); }

  // 0, or errno.
  int error_of(const char* path, Links links = Links::follow) {
    auto opened = open_beneath(folder_.get(), path, O_RDONLY, 0, links);
    return opened ? 0 : opened.error();
  }

  fs::path top_;
  FileDescriptor folder_;
};

TEST_F(OpenBeneath, PathsInsideAreOpenedAlsoThroughDotsAndLinks) {
  for (const char* path : {"file", "./file", "sub/../file", "link", "sub/../link", "."})
    EXPECT_EQ(error_of(path), 0) << path;
}

TEST_F(OpenBeneath, NoPathLeadsOut) {
  const std::string absolute = (top_ / "in/file").string();
  for (const char* path :
       {"..", "../secret", "sub/../../secret", "../in/file", "out", "absolute", absolute.c_str(), "/"}) {
    EXPECT_EQ(error_of(path), EXDEV) << path;
  }
  EXPECT_EQ(error_of("loop"), ELOOP);
}

TEST_F(OpenBeneath, LinksCanBeRefusedAltogether) {
  EXPECT_EQ(error_of("link", Links::refuse), ELOOP);
  EXPECT_EQ(error_of("file", Links::refuse), 0);
}

TEST_F(OpenBeneath, LinksOfProcLeadNowhere) {
  const FileDescriptor proc(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const char* path : {"self/root/etc/passwd", "self/cwd", "self/exe", "self/fd/0"}) {
    EXPECT_FALSE(open_beneath(proc.get(), path, O_RDONLY)) << path;
  }
}

TEST_F(OpenBeneath, DescriptorsAreClosedInOtherProgramsAndNewFilesGetTheirMode) {
  auto made = open_beneath(folder_.get(), "made", O_RDWR | O_CREAT | O_EXCL, 0600);
  ASSERT_TRUE(made);
  EXPECT_EQ(fcntl(made->get(), F_GETFD), FD_CLOEXEC);
  struct stat status;
  ASSERT_EQ(fstat(made->get(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST(OpenBeneathKernel, IsThereOrRefusedByName) {
  EXPECT_TRUE(check_open_beneath());
}

}  // namespace
}  // namespace weft
