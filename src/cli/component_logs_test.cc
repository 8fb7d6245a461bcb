#include "cli/component_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "host/request_context.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using wasi::StandardStream;

struct Shown final : wasi::OutputSink {
  void write_line(const host::RequestContext& context, StandardStream, std::string_view line) noexcept override {
    lines.push_back(std::string(context.component) + ": " + std::string(line));
  }
  std::vector<std::string> lines;
};

class Logs : public testing::Test {
 protected:
  Logs() {
    char name[] = "/tmp/weft-logs-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~Logs() override { fs::remove_all(folder_); }

  std::string read(const fs::path& path) const {
    std::ifstream in(folder_ / path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // One line of `component` through logs that are closed afterwards.
  void log(const fs::path& folder, const LogOptions& options, std::string_view component, StandardStream stream,
           std::string_view line) {
    ComponentLogs logs(folder, options, &shown_, [this](std::string_view text) { warnings_.emplace_back(text); });
    host::RequestContext context(loop_, host::no_grants());
    context.component = component;
    logs.write_line(context, stream, line);
  }

  Loop loop_{1};
  fs::path folder_;
  Shown shown_;
  std::vector<std::string> warnings_;
};

TEST_F(Logs, KeepTheTwoStreamsOfAComponentInTwoFiles) {
  log(folder_ / "a/b", {}, "hello", StandardStream::output, "one");
  log(folder_ / "a/b", {}, "hello", StandardStream::error, "two");
  log(folder_ / "a/b", {}, "hello", StandardStream::output, "three");
  EXPECT_EQ(read("a/b/hello_stdout.txt"), "one\nthree\n");
  EXPECT_EQ(read("a/b/hello_stderr.txt"), "two\n");
  log(folder_ / "a/b", {.truncate = true}, "hello", StandardStream::output, "four");
  EXPECT_EQ(read("a/b/hello_stdout.txt"), "four\n");
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(Logs, ShowLinesOfTheComponentsThatAreFollowed) {
  log(folder_, {.follow = {"a"}}, "a", StandardStream::output, "yes");
  log(folder_, {.follow = {"a"}}, "b", StandardStream::output, "no");
  log("", {}, "b", StandardStream::output, "all");
  EXPECT_THAT(shown_.lines, ElementsAre("a: yes", "b: all"));
  EXPECT_EQ(read("b_stdout.txt"), "no\n");
}

TEST_F(Logs, WarnOnceWhenNothingCanBeWritten) {
  std::ofstream(folder_ / "file") << "in the way";
  {
    ComponentLogs logs(folder_ / "file", {}, nullptr, [this](std::string_view text) { warnings_.emplace_back(text); });
    host::RequestContext context(loop_, host::no_grants());
    context.component = "a";
    for (int i = 0; i < 3; ++i) logs.write_line(context, StandardStream::output, "lost");
  }
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_THAT(warnings_[0], testing::HasSubstr("--log-dir"));
}

TEST_F(Logs, FollowNoLinkAndLeaveNoFolder) {
  std::ofstream(folder_ / "victim") << "mine\n";
  fs::create_symlink("victim", folder_ / "a_stdout.txt");
  log(folder_, {}, "a", StandardStream::output, "not there");
  EXPECT_EQ(read("victim"), "mine\n");
  EXPECT_EQ(ComponentLogs::file_name("../x/y", StandardStream::error), "___x_y_stderr.txt");
}

}  // namespace
}  // namespace weft::cli
