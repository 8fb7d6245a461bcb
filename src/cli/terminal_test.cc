#include "cli/terminal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

#include "util/file_descriptor.h"

namespace weft::cli {
namespace {

struct Pipe {
  Pipe() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    reader = FileDescriptor(ends[0]);
    writer = FileDescriptor(ends[1]);
  }
  // Everything until the writer is closed.
  std::string read_all() {
    writer = FileDescriptor();
    std::string out;
    char piece[4096];
    for (ssize_t got; (got = read(reader.get(), piece, sizeof piece)) > 0;) out.append(piece, static_cast<size_t>(got));
    return out;
  }
  FileDescriptor reader;
  FileDescriptor writer;
};

TEST(Terminal, LinesAppearInOrderWithTheComponentsName) {
  Pipe pipe;
  {
    Terminal terminal(pipe.writer.get());
    terminal.say("one", "first");
    terminal.say("two", "");
    terminal.say("one", "third");
  }
  EXPECT_EQ(pipe.read_all(), "[one] first\n[two] \n[one] third\n");
}

TEST(Terminal, WithNobodyReadingLinesAreDroppedAndCountedAndNobodyWaits) {
  Pipe pipe;
  auto terminal = std::make_unique<Terminal>(pipe.writer.get());
  const std::string line(10'000, 'x');
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) terminal->say("it", line);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  // Once somebody reads, what was kept comes, and the number of those that were not.
  std::string seen;
  char piece[65536];
  while (seen.find("lines were dropped") == std::string::npos) {
    const ssize_t got = read(pipe.reader.get(), piece, sizeof piece);
    ASSERT_GT(got, 0);
    seen.append(piece, static_cast<size_t>(got));
  }
  EXPECT_LT(seen.size(), 4 * Terminal::max_waiting_bytes);
  terminal.reset();
}

TEST(Terminal, AnEndThatNobodyReadsIsNotWaitedForLong) {
  Pipe pipe;
  const auto begin = std::chrono::steady_clock::now();
  {
    Terminal terminal(pipe.writer.get());
    for (int i = 0; i < 200; ++i) terminal.say("it", std::string(10'000, 'x'));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Terminal, AReaderThatHasGoneIsNoFault) {
  signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.reader = FileDescriptor();
  Terminal terminal(pipe.writer.get());
  for (int i = 0; i < 100; ++i) terminal.say("it", "lost");
}

}  // namespace
}  // namespace weft::cli
