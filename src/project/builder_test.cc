#include "project/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "manifest/load.h"

namespace weft::project {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Build : public testing::Test {
 protected:
  Build() {
    char name[] = "/tmp/weft-build-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~Build() override { fs::remove_all(folder_); }

  // An application of these components: the text of each after [component.NAME].
  void app(std::string_view components) {
    const std::string text =
        "spin_manifest_version = 2\n[application]\nname = \"it\"\n[[trigger.http]]\nroute = \"/...\"\n"
        "component = \"a\"\n" +
        std::string(components);
    auto loaded = manifest::load_text(text, folder_ / "spin.toml");
    ASSERT_TRUE(loaded.app) << manifest::format_all(loaded.diagnostics);
    app_ = *std::move(loaded.app);
  }

  Result<void> run(const BuildOptions& options = {}) {
    const BuildObserver observer{
        .starts = [this](std::string_view id, std::string_view) { started_.emplace_back(id); },
        .output = [this](std::string_view id,
                         std::string_view line) { lines_.push_back(std::string(id) + ": " + std::string(line)); },
        .built = [this](std::string_view id, double) { built_.emplace_back(id); },
        .notice = [this](std::string_view text) { notices_.emplace_back(text); }};
    return build(app_, options, observer);
  }

  std::string read(const char* name) const {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  manifest::App app_;
  std::vector<std::string> started_, lines_, built_, notices_;
};

TEST_F(Build, RunsTheCommandsInOrderInTheWorkdir) {
  fs::create_directory(folder_ / "sub");
  app(R"([component.a]
source = "sub/a.wasm"
[component.a.build]
command = ["echo one > a.wasm; echo said; printf 'no end'", "echo two >> a.wasm; pwd"]
workdir = "sub"
)");
  auto built = run();
  ASSERT_TRUE(built) << built.error().message();
  EXPECT_EQ(read("sub/a.wasm"), "one\ntwo\n");
  EXPECT_THAT(lines_, ElementsAre("a: said", "a: no end", "a: " + fs::canonical(folder_ / "sub").string()));
  EXPECT_THAT(built_, ElementsAre("a"));
}

TEST_F(Build, StopsAtTheFirstCommandThatFailsAndNamesIt) {
  app(R"([component.a]
source = "a.wasm"
[component.a.build]
command = ["echo broken >&2; exit 3", "touch never"]
)");
  auto built = run();
  ASSERT_FALSE(built);
  EXPECT_THAT(built.error().message(), HasSubstr("component a: `echo broken >&2; exit 3` ended with status 3"));
  EXPECT_THAT(lines_, ElementsAre("a: broken"));
  EXPECT_FALSE(fs::exists(folder_ / "never"));
}

TEST_F(Build, SaysWhenABuildMakesNothing) {
  app("[component.a]\nsource = \"a.wasm\"\n[component.a.build]\ncommand = \"true\"\n");
  auto built = run();
  ASSERT_FALSE(built);
  EXPECT_THAT(built.error().message(), HasSubstr("there is no a.wasm"));
}

TEST_F(Build, RunsComponentsOfDifferentFoldersAtTheSameTime) {
  fs::create_directory(folder_ / "x");
  fs::create_directory(folder_ / "y");
  // Each waits for the other: one after the other they would never end.
  ASSERT_EQ(std::system(("mkfifo " + (folder_ / "pipe").string()).c_str()), 0);
  app(R"([component.a]
source = "a.wasm"
[component.a.build]
command = "echo hello > ../pipe; touch ../a.wasm"
workdir = "x"
[component.b]
source = "b.wasm"
[component.b.build]
command = "cat ../pipe; touch ../b.wasm"
workdir = "y"
)");
  auto built = run({.parallel = 2});
  ASSERT_TRUE(built) << built.error().message();
  EXPECT_THAT(lines_, ElementsAre("b: hello"));
}

TEST_F(Build, RunsComponentsOfOneFolderOneAfterTheOther) {
  app(R"([component.a]
source = "a.wasm"
[component.a.build]
command = "mkdir busy && sleep 0.05 && touch a.wasm && rmdir busy"
[component.b]
source = "b.wasm"
[component.b.build]
command = "mkdir busy && touch b.wasm && rmdir busy"
)");
  auto built = run({.parallel = 2});
  ASSERT_TRUE(built) << built.error().message();
  EXPECT_THAT(built_, ElementsAre("a", "b"));
}

TEST_F(Build, BuildsWhatIsNamedAndWhatThatDependsOn) {
  app(R"([component.a]
source = "a.wasm"
dependencies = { "x:y/z" = { component = "c" } }
[component.a.build]
command = "cat c.wasm > a.wasm"
[component.b]
source = "b.wasm"
[component.b.build]
command = "touch b.wasm"
[component.c]
source = "c.wasm"
[component.c.build]
command = "echo c > c.wasm"
)");
  auto built = run({.components = {"a"}, .parallel = 4});
  ASSERT_TRUE(built) << built.error().message();
  EXPECT_THAT(built_, ElementsAre("c", "a"));
  EXPECT_EQ(read("a.wasm"), "c\n");
}

TEST_F(Build, RefusesComponentsThatThereAreNot) {
  app("[component.a]\nsource = \"a.wasm\"\n");
  EXPECT_THAT(run({.components = {"nope"}}).error().message(), HasSubstr("there is no component `nope`"));
  EXPECT_THAT(run({.components = {"a"}}).error().message(), HasSubstr("no build command"));
  EXPECT_TRUE(run());
}

TEST_F(Build, MapsTheOldRustTargetAndProvidesItsFolder) {
  // rustc is only asked for the targets it knows.
  ASSERT_EQ(std::system("rustc --version > /dev/null 2>&1"), 0);
  std::ofstream(folder_ / "Cargo.toml") << "[package]\n";
  app(R"([component.a]
source = "target/wasm32-wasi/release/a.wasm"
[component.a.build]
command = "mkdir -p target/wasm32-wasi/release && echo made > target/wasm32-wasi/release/a.wasm"
[component.b]
source = "target/wasm32-wasi/release/b.wasm"
[component.b.build]
command = "echo made > target/wasm32-wasi/release/b.wasm"
)");
  auto built = run();
  ASSERT_TRUE(built) << built.error().message();
  EXPECT_EQ(read("target/wasm32-wasip1/release/a.wasm"), "made\n");
  EXPECT_EQ(read("target/wasm32-wasi/release/a.wasm"), "made\n");
  EXPECT_EQ(read("target/wasm32-wasi/release/b.wasm"), "made\n");
  EXPECT_EQ(notices_.size(), 1u);
}

}  // namespace
}  // namespace weft::project
