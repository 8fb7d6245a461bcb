#include "preview1/errno.h"

#include <gtest/gtest.h>

#include <set>

#include "wasi/file_streams.h"

namespace weft::preview1 {
namespace {

using wasi::ErrorCode;

TEST(Errno, NumbersAreThoseOfTheInterface) {
  EXPECT_EQ(static_cast<int>(Errno::success), 0);
  EXPECT_EQ(static_cast<int>(Errno::acces), 2);
  EXPECT_EQ(static_cast<int>(Errno::again), 6);
  EXPECT_EQ(static_cast<int>(Errno::badf), 8);
  EXPECT_EQ(static_cast<int>(Errno::exist), 20);
  EXPECT_EQ(static_cast<int>(Errno::inval), 28);
  EXPECT_EQ(static_cast<int>(Errno::isdir), 31);
  EXPECT_EQ(static_cast<int>(Errno::noent), 44);
  EXPECT_EQ(static_cast<int>(Errno::notdir), 54);
  EXPECT_EQ(static_cast<int>(Errno::notsup), 58);
  EXPECT_EQ(static_cast<int>(Errno::perm), 63);
  EXPECT_EQ(static_cast<int>(Errno::rofs), 69);
  EXPECT_EQ(static_cast<int>(Errno::spipe), 70);
  EXPECT_EQ(static_cast<int>(Errno::xdev), 75);
  EXPECT_EQ(static_cast<int>(Errno::notcapable), 76);
}

TEST(Errno, EveryErrorOfTheFileSystemHasAnErrnoOfItsOwn) {
  std::set<Errno> seen;
  for (int code = 0; code <= static_cast<int>(ErrorCode::cross_device); ++code) {
    const Errno error = errno_of(static_cast<ErrorCode>(code));
    EXPECT_NE(error, Errno::success);
    EXPECT_TRUE(seen.insert(error).second) << "code " << code;
  }
  EXPECT_EQ(errno_of(ErrorCode::no_entry), Errno::noent);
  EXPECT_EQ(errno_of(ErrorCode::not_permitted), Errno::perm);
  EXPECT_EQ(errno_of(ErrorCode::read_only), Errno::rofs);
  EXPECT_EQ(errno_of(ErrorCode::quota), Errno::dquot);
}

TEST(Errno, AStreamThatIsClosedIsABrokenPipeAndAFilesErrorIsTheFiles) {
  EXPECT_EQ(errno_of(wasi::StreamError(wasi::Closed{})), Errno::pipe);
  EXPECT_EQ(errno_of(wasi::stream_failed("odd")), Errno::io);
  const wasi::StreamError full =
      wasi::LastOperationFailed{std::make_unique<wasi::FileError>(ErrorCode::insufficient_space)};
  EXPECT_EQ(errno_of(full), Errno::nospc);
}

TEST(Errno, AStatusIsMadeOfTheErrorsOfBothSides) {
  EXPECT_EQ(Status().error(), Errno::success);
  EXPECT_EQ(Status(failed(Errno::badf)).error(), Errno::badf);
  EXPECT_EQ(Status(wasi::file_error(ErrorCode::loop)).error(), Errno::loop);
  EXPECT_EQ(Status(wasi::FileResult<void>()).error(), Errno::success);
  EXPECT_EQ(Status(Outcome<void>(failed(Errno::isdir))).error(), Errno::isdir);
}

}  // namespace
}  // namespace weft::preview1
