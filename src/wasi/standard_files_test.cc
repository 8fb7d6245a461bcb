// Files that are shared with other processes, as a guest reads and writes them.
#include "wasi/standard_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <csignal>
#include <string>

#include "wasi/testing/folder.h"

namespace weft::wasi {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  Pipe() {
    int fds[2];
    EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0);
    from = FileDescriptor(fds[0]);
    to = FileDescriptor(fds[1]);
  }
  FileDescriptor from, to;
};

struct CountingWaker final : host::Waker {
  void wake() noexcept override { ++times; }
  int times = 0;
};

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class StandardFilesTest : public ::testing::Test {
 protected:
  // As in weft: who writes to nobody is told by the error.
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }

  // Whether somebody who waits for `file` is woken within the loop's next work.
  bool wakes(host::Pollable& file) {
    CountingWaker waker;
    host::Subscription subscription;
    subscription.subscribe(file.signal(), waker);
    loop_.restart();
    loop_.run_for(50ms);
    return waker.times > 0;
  }
  void take(int fd, std::string& into, std::size_t most) {
    std::string piece(most, '\0');
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    ASSERT_GE(got, 0);
    into.append(piece, 0, static_cast<std::size_t>(got));
  }

  Loop loop_{1};
};

TEST_F(StandardFilesTest, APipeIsReadWhenItHasSomethingAndLeftAsItIs) {
  Pipe pipe;
  const auto input = std::make_shared<StandardInput>(loop_, pipe.from.get());
  EXPECT_FALSE(input->is_terminal());
  EXPECT_FALSE(input->ready());
  EXPECT_EQ(text_of(*input->read(10)), "");
  EXPECT_FALSE(wakes(*input));
  ASSERT_EQ(::write(pipe.to.get(), "hello", 5), 5);
  EXPECT_TRUE(wakes(*input));
  EXPECT_TRUE(input->ready());
  EXPECT_EQ(text_of(*input->read(2)), "he");
  EXPECT_TRUE(wakes(*input)) << "there is more";
  EXPECT_EQ(text_of(*input->read(UINT64_MAX)), "llo");
  EXPECT_FALSE(wakes(*input));
  pipe.to = FileDescriptor();
  EXPECT_TRUE(wakes(*input));
  EXPECT_TRUE(std::holds_alternative<Closed>(input->read(1).error()));
  EXPECT_TRUE(input->ready()) << "the end is there to be read";
  EXPECT_EQ(fcntl(pipe.from.get(), F_GETFL) & O_NONBLOCK, 0) << "others have the same file";
}

TEST_F(StandardFilesTest, WhoFindsNothingAfterBeingWokenIsWokenAgain) {
  Pipe pipe;
  const auto input = std::make_shared<StandardInput>(loop_, pipe.from.get());
  CountingWaker waker;
  host::Subscription subscription;
  subscription.subscribe(input->signal(), waker);
  for (int times = 1; times <= 3; ++times) {
    ASSERT_EQ(::write(pipe.to.get(), "x", 1), 1);
    loop_.restart();
    loop_.run_for(50ms);
    EXPECT_EQ(waker.times, times);
    std::string taken;
    take(pipe.from.get(), taken, 1);  // by another process that has the same file
    EXPECT_FALSE(input->ready());
  }
}

TEST_F(StandardFilesTest, AFullPipeTakesNothingUntilSomebodyReads) {
  Pipe pipe;
  const auto output = std::make_shared<StandardOutput>(loop_, pipe.to.get());
  const std::string piece(40'000, 'a');
  std::string written, got;
  while (output->permit().value() > 0) {
    ASSERT_LT(written.size(), std::size_t{10} << 20);
    ASSERT_TRUE(output->write(bytes_of(piece)));
    written += piece;
  }
  EXPECT_FALSE(output->ready());
  EXPECT_FALSE(wakes(*output));
  EXPECT_FALSE(output->drain(10ms)) << "nobody reads";
  while (got.size() < written.size()) {
    take(pipe.from.get(), got, 64 << 10);
    wakes(*output);
  }
  EXPECT_EQ(got, written);
  EXPECT_EQ(output->permit().value(), max_write_permit);
  EXPECT_TRUE(output->drain(0ms));
  EXPECT_EQ(fcntl(pipe.to.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(StandardFilesTest, AReaderThatHasGoneIsTheEnd) {
  Pipe pipe;
  const auto output = std::make_shared<StandardOutput>(loop_, pipe.to.get());
  pipe.from = FileDescriptor();
  EXPECT_TRUE(std::holds_alternative<Closed>(output->write(bytes_of("x")).error()));
  EXPECT_TRUE(std::holds_alternative<Closed>(output->permit().error()));
  EXPECT_TRUE(output->ready());
  EXPECT_FALSE(output->drain(1s));
}

TEST_F(StandardFilesTest, FilesThatCannotBeWatchedAreAlwaysReady) {
  char name[] = "/tmp/weft-standard-XXXXXX";
  FileDescriptor file(mkstemp(name));
  unlink(name);
  const auto output = std::make_shared<StandardOutput>(loop_, file.get());
  EXPECT_TRUE(wakes(*output));
  const std::string text(max_write_permit, 'x');
  ASSERT_TRUE(output->write(bytes_of(text)));
  EXPECT_EQ(output->permit().value(), max_write_permit) << "all of it is written";
  lseek(file.get(), 0, SEEK_SET);
  const auto input = std::make_shared<StandardInput>(loop_, file.get());
  EXPECT_TRUE(wakes(*input));
  EXPECT_EQ(text_of(*input->read(UINT64_MAX)), text);
  EXPECT_TRUE(std::holds_alternative<Closed>(input->read(1).error()));
  FileDescriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_TRUE(wakes(*std::make_shared<StandardOutput>(loop_, null.get())));
}

TEST_F(StandardFilesTest, ATerminalIsKnownAndReadByLines) {
  int ours = -1, theirs = -1;
  ASSERT_EQ(openpty(&ours, &theirs, nullptr, nullptr, nullptr), 0);
  const FileDescriptor us(ours), them(theirs);
  const auto input = std::make_shared<StandardInput>(loop_, theirs);
  const auto output = std::make_shared<StandardOutput>(loop_, theirs);
  EXPECT_TRUE(input->is_terminal());
  EXPECT_TRUE(output->is_terminal());
  ASSERT_EQ(::write(ours, "a li", 4), 4);
  EXPECT_EQ(text_of(*input->read(100)), "") << "not yet a line";
  ASSERT_EQ(::write(ours, "ne\nnext", 7), 7);
  EXPECT_TRUE(wakes(*input));
  EXPECT_EQ(text_of(*input->read(100)), "a line\n");
  EXPECT_EQ(text_of(*input->read(100)), "");
  ASSERT_TRUE(output->write(bytes_of("answer")));
  std::string seen;
  while (seen.find("answer") == std::string::npos) take(ours, seen, 100);
}

}  // namespace
}  // namespace weft::wasi
