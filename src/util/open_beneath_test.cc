#include "util/open_beneath.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstddef>
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

TEST_F(OpenBeneath, WhatIsInMemoryIsFoundWithoutWaitingAndByTheSameRules) {
  const auto error_cached = [this](const char* path) {
    error_of(path);  // now the kernel has met it
    auto opened = open_beneath(folder_.get(), path, O_RDONLY, 0, Links::follow, Lookup::cached);
    return opened ? 0 : opened.error();
  };
  // A kernel that cannot tell says so.
  for (const char* path : {"file", "sub", "link"}) {
    EXPECT_THAT(error_cached(path), testing::AnyOf(0, EAGAIN)) << path;
  }
  EXPECT_THAT(error_cached("missing"), testing::AnyOf(ENOENT, EAGAIN));
  for (const char* path : {"../secret", "out", "absolute"}) {
    EXPECT_THAT(error_cached(path), testing::AnyOf(EXDEV, EAGAIN)) << path;
  }
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

// From now on openat2 ends with `error_number` in this process, as in a container whose filter does not know it.
bool forbid_openat2(int error_number) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error_number)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = 4, .filter = code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(OpenBeneathKernel, IsThereOrRefusedByName) {
  EXPECT_TRUE(check_open_beneath());
  for (const int error_number : {ENOSYS, EPERM}) {
    const pid_t child = fork();
    if (child == 0) {
      if (!forbid_openat2(error_number)) _exit(2);
      const auto checked = check_open_beneath();
      const bool named = !checked && checked.error().code() == Errc::unavailable &&
                         checked.error().message().find("openat2") != std::string::npos;
      _exit(named ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << error_number;
  }
}

}  // namespace
}  // namespace weft
