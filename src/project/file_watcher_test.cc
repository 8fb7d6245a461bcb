#include "project/file_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace weft::project {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class Watcher : public testing::Test {
 protected:
  Watcher() {
    char name[] = "/tmp/weft-watch-XXXXXX";
    folder_ = mkdtemp(name);
    watcher_ = *FileWatcher::create();
  }
  ~Watcher() override { fs::remove_all(folder_); }

  void write(const fs::path& path, std::string_view text) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  void watch(std::vector<std::vector<std::string>> patterns) {
    std::vector<WatchSet> sets;
    for (auto& each : patterns) sets.push_back({folder_, std::move(each)});
    auto watched = watcher_->watch(std::move(sets));
    ASSERT_TRUE(watched) << watched.error().message();
  }
  // Waits for a notice first.
  std::vector<std::size_t> changes() {
    EXPECT_TRUE(watcher_->wait({}, milliseconds(1)));
    return *watcher_->changes();
  }

  fs::path folder_;
  std::unique_ptr<FileWatcher> watcher_;
};

TEST_F(Watcher, TellsWhichSetHasAChangedFile) {
  write("src/a.rs", "1");
  write("spin.toml", "1");
  watch({{"spin.toml"}, {"src/**/*.rs"}});
  EXPECT_THAT(*watcher_->changes(), IsEmpty());
  write("src/a.rs", "22");
  EXPECT_THAT(changes(), ElementsAre(1));
  write("spin.toml", "22");
  EXPECT_THAT(changes(), ElementsAre(0));
  EXPECT_THAT(*watcher_->changes(), IsEmpty());
}

TEST_F(Watcher, SeesFilesOfFoldersThatAreMadeLater) {
  watch({{"src/**/*.rs"}});
  write("src/deep/er/a.rs", "1");
  while (watcher_->changes()->empty()) ASSERT_TRUE(watcher_->wait({}, milliseconds(1)));
  write("src/deep/er/a.rs", "22");
  EXPECT_THAT(changes(), ElementsAre(0));
  fs::remove(folder_ / "src/deep/er/a.rs");
  EXPECT_THAT(changes(), ElementsAre(0));
}

TEST_F(Watcher, SeesAFileThatIsReplacedAsEditorsDo) {
  write("a.js", "1");
  watch({{"a.js"}});
  write("a.js.new", "1");
  fs::rename(folder_ / "a.js.new", folder_ / "a.js");
  EXPECT_THAT(changes(), ElementsAre(0));
}

TEST_F(Watcher, IgnoresOtherFilesAndFoldersOfTools) {
  write("a.js", "1");
  write("node_modules/x/b.js", "1");
  watch({{"**/*.js"}});
  write("a.txt", "1");
  EXPECT_THAT(changes(), IsEmpty());
  write("node_modules/x/b.js", "22");
  EXPECT_THAT(*watcher_->changes(), IsEmpty());
}

TEST_F(Watcher, LosesNoChangeWhenItIsToldToWatchOtherFiles) {
  write("a", "1");
  watch({{"a"}});
  write("a", "22");
  write("b", "1");
  watch({{"b"}, {"a"}});
  EXPECT_THAT(*watcher_->changes(), ElementsAre(1));
}

TEST_F(Watcher, EndsToWaitWhenItIsStopped) {
  watch({{"a"}});
  std::stop_source source;
  std::jthread stopper([&] { source.request_stop(); });
  EXPECT_FALSE(watcher_->wait(source.get_token(), milliseconds(1)));
}

}  // namespace
}  // namespace weft::project
