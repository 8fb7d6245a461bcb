#include "util/process.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(Process, RunsInItsFolderWithAnEnvironmentOfItsOwn) {
  auto run = run_program({"sh", "-c", "pwd; echo $PATH:$WEFT_TEST; echo wrong >&2; exit 3"},
                         {.folder = "/usr", .environment = {"WEFT_TEST=yes", "PATH=/bin"}});
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->output, "/usr\n/bin:yes\nwrong\n");
  EXPECT_EQ(run->status, 3);
}

TEST(Process, TellsTheSignalThatEndedIt) {
  auto run = run_program({"sh", "-c", "kill -PIPE $$"});
  ASSERT_TRUE(run);
  EXPECT_EQ(run->status, 128 + 13);
}

TEST(Process, EndsWithAllItStartedWhenItHasAGroup) {
  auto process = Process::start({"sh", "-c", "sleep 1000 & echo started; wait"}, {.own_group = true});
  ASSERT_TRUE(process);
  std::string output;
  ASSERT_TRUE((*process)->read_some(output));
  (*process)->end();
  // The pipe ends when the last that holds it does.
  while ((*process)->read_some(output)) {
  }
  EXPECT_EQ((*process)->wait(), 128 + 9);
}

TEST(Process, FailsWhenTheProgramOrTheFolderIsMissing) {
  EXPECT_FALSE(run_program({"no-such-program-anywhere"}));
  EXPECT_FALSE(run_program({"true"}, {.folder = "/no/such/folder"}));
}

TEST(Process, FindsProgramsOfThePath) {
  EXPECT_FALSE(find_program("sh").empty());
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
  EXPECT_TRUE(find_program("no-such-program-anywhere").empty());
  EXPECT_TRUE(find_program("").empty());
}

}  // namespace
}  // namespace weft
