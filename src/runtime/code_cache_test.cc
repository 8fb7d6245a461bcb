#include "runtime/code_cache.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <cstring>

#include "runtime/test_folder.h"

namespace weft::runtime {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Sha256 named(std::string_view name) {
  return sha256(std::as_bytes(std::span(name)));
}

CodeKey key_of(std::string_view module) {
  return {.engine = named("engine"), .module = named(module)};
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class CodeCacheTest : public testing::Test {
 protected:
  std::unique_ptr<CodeCache> open(std::uint64_t max_bytes = 1 << 20) {
    auto cache = CodeCache::open({.folder = folder, .max_bytes = max_bytes, .log = [this](std::string_view line) {
                                    std::lock_guard lock(mutex);
                                    lines.emplace_back(line);
                                  }});
    EXPECT_TRUE(cache.has_value()) << cache.error().message();
    return *std::move(cache);
  }

  static void store(CodeCache& cache, const CodeKey& key, const std::string& code, bool is_restorable = false) {
    auto made = cache.create();
    ASSERT_TRUE(made.has_value());
    ASSERT_EQ(pwrite(made->file.get(), code.data(), code.size(), 0), static_cast<ssize_t>(code.size()));
    cache.seal(*std::move(made),
               {.key = key, .code_size = code.size(), .code_hash = named(code), .is_restorable = is_restorable});
    cache.settle();
  }

  static std::string code_in(const std::optional<FoundCode>& found) {
    if (!found) return "";
    const int file = found->file.get();
    std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_END)) - code_trailer_size, ' ');
    EXPECT_EQ(pread(file, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    return text;
  }

  fs::path path_of(const CodeKey& key) const { return fs::path(folder) / key.file_name(); }

  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder)) count += entry.path().filename() != "key";
    return count;
  }

  TestFolder outer;
  std::string folder = outer.path() / "deep" / "code";
  std::mutex mutex;
  std::vector<std::string> lines;
};

TEST_F(CodeCacheTest, WhatIsSaidOfCodeIsKeptWithIt) {
  auto cache = open();
  store(*cache, key_of("a"), "native code", true);
  store(*cache, key_of("b"), "other code", false);
  EXPECT_TRUE(cache->find(key_of("a"))->is_restorable);
  EXPECT_FALSE(cache->find(key_of("b"))->is_restorable);
}

TEST_F(CodeCacheTest, WhatWasSealedIsFoundByEveryCacheOfTheFolder) {
  auto first = open();
  auto second = open();
  store(*first, key_of("a"), "native code");
  EXPECT_EQ(code_in(first->find(key_of("a"))), "native code");
  EXPECT_EQ(code_in(second->find(key_of("a"))), "native code");
  EXPECT_TRUE(second->contains(key_of("a")));
  EXPECT_FALSE(second->find(key_of("b")));
  first->settle();
  second->settle();
  EXPECT_TRUE(second->contains(key_of("a")));
  EXPECT_THAT(lines, testing::IsEmpty());
}

TEST_F(CodeCacheTest, TheFolderIsForItsOwnerAlone) {
  auto cache = open();
  store(*cache, key_of("a"), "native code");
  struct stat status;
  ASSERT_EQ(stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  for (const fs::path& file : {path_of(key_of("a")), fs::path(folder) / "key"}) {
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u) << file;
  }
}

TEST_F(CodeCacheTest, AFolderThatOthersMayEnterIsRefusedWithTheRemedy) {
  open();
  for (const unsigned mode : {0701u, 0710u, 0770u, 0704u}) {
    chmod(folder.c_str(), mode);
    auto cache = CodeCache::open({.folder = folder});
    ASSERT_FALSE(cache.has_value());
    EXPECT_EQ(cache.error().code(), Errc::denied);
    EXPECT_THAT(cache.error().message(), HasSubstr("chmod 700 " + folder));
  }
}

TEST_F(CodeCacheTest, AFolderOfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  open();
  ASSERT_EQ(chown(folder.c_str(), 1, 1), 0);
  auto cache = CodeCache::open({.folder = folder});
  ASSERT_FALSE(cache.has_value());
  EXPECT_EQ(cache.error().code(), Errc::denied);
}

TEST_F(CodeCacheTest, AFileThatIsNoFolderIsRefused) {
  write_text(outer.path() / "file", "");
  EXPECT_FALSE(CodeCache::open({.folder = outer.path() / "file"}).has_value());
  EXPECT_FALSE(CodeCache::open({.folder = outer.path() / "file" / "below"}).has_value());
  EXPECT_FALSE(CodeCache::open({.folder = ""}).has_value());
}

TEST_F(CodeCacheTest, DamageInAnyByteOfTheTrailerIsSeenAtOnce) {
  auto cache = open();
  const std::string code = "native code";
  for (std::size_t i = 0; i < code_trailer_size; ++i) {
    store(*cache, key_of("a"), code);
    std::string content = read_text(path_of(key_of("a")));
    content[code.size() + i] = static_cast<char>(content[code.size() + i] ^ 1);
    write_text(path_of(key_of("a")), content);
    EXPECT_FALSE(cache->contains(key_of("a"))) << i;
    EXPECT_FALSE(cache->find(key_of("a"))) << i;
    EXPECT_FALSE(fs::exists(path_of(key_of("a")))) << "what is damaged is removed";
    EXPECT_EQ(lines.size(), i + 1);
  }
  EXPECT_THAT(lines.front(), HasSubstr(key_of("a").file_name()));
}

TEST_F(CodeCacheTest, DamageInAnyByteOfTheCodeIsSeenInTheBackground) {
  auto cache = open();
  const std::string code = "native code";
  for (std::size_t i = 0; i < code.size(); ++i) {
    store(*cache, key_of("a"), code);
    std::string content = read_text(path_of(key_of("a")));
    content[i] = static_cast<char>(content[i] ^ 1);
    write_text(path_of(key_of("a")), content);
    EXPECT_TRUE(cache->find(key_of("a"))) << "the check at load is a cheap one";
    cache->settle();
    EXPECT_FALSE(cache->find(key_of("a"))) << i;
    ASSERT_EQ(lines.size(), i + 1);
    EXPECT_THAT(lines.back(), HasSubstr("not what was written"));
  }
}

TEST_F(CodeCacheTest, AFileOfAnotherLengthIsRefused) {
  auto cache = open();
  const std::string code = "native code";
  store(*cache, key_of("a"), code);
  const std::string content = read_text(path_of(key_of("a")));
  for (std::size_t length = 0; length < content.size(); ++length) {
    store(*cache, key_of("a"), code);
    fs::resize_file(path_of(key_of("a")), length);
    EXPECT_FALSE(cache->find(key_of("a"))) << length;
  }
  // The trailer is right, and more code stands before it.
  for (const std::string& longer : {"x" + content, content + "x", content + content}) {
    store(*cache, key_of("a"), code);
    write_text(path_of(key_of("a")), longer);
    EXPECT_FALSE(cache->find(key_of("a")));
  }
}

TEST_F(CodeCacheTest, AFileUnderAnotherNameIsRefused) {
  auto cache = open();
  store(*cache, key_of("a"), "native code");
  fs::copy(path_of(key_of("a")), path_of(key_of("b")));
  EXPECT_FALSE(cache->find(key_of("b")));
  const CodeKey other_engine{.engine = named("another"), .module = named("a")};
  fs::copy(path_of(key_of("a")), path_of(other_engine));
  EXPECT_FALSE(cache->find(other_engine));
  EXPECT_TRUE(cache->find(key_of("a")));
}

TEST_F(CodeCacheTest, QuickCodeIsAnotherFileUntilCodeOfFullEffortTakesItsPlace) {
  auto cache = open();
  CodeKey quick = key_of("a");
  quick.effort = wasm::Effort::quick;
  store(*cache, quick, "quick code");
  EXPECT_EQ(code_in(cache->find(quick)), "quick code");
  EXPECT_FALSE(cache->find(key_of("a")));
  fs::copy(path_of(quick), path_of(key_of("a")));
  EXPECT_FALSE(cache->find(key_of("a"))) << "its name does not make it better";
  store(*cache, key_of("a"), "native code");
  EXPECT_EQ(code_in(cache->find(key_of("a"))), "native code");
  EXPECT_FALSE(cache->find(quick));
  EXPECT_EQ(files(), 1u);
}

TEST_F(CodeCacheTest, AFileOfAnotherFolderIsRefused) {
  auto cache = open();
  store(*cache, key_of("a"), "native code");
  const std::string foreign = outer.path() / "foreign";
  auto other = CodeCache::open({.folder = foreign}).value();
  fs::copy(path_of(key_of("a")), fs::path(foreign) / key_of("a").file_name());
  EXPECT_FALSE(other->find(key_of("a")));
}

TEST_F(CodeCacheTest, AFileOthersMayReadOrOwnIsRefused) {
  auto cache = open();
  for (const unsigned mode : {0640u, 0602u, 0644u}) {
    store(*cache, key_of("a"), "native code");
    chmod(path_of(key_of("a")).c_str(), mode);
    EXPECT_FALSE(cache->find(key_of("a"))) << mode;
  }
  if (geteuid() == 0) {
    store(*cache, key_of("a"), "native code");
    ASSERT_EQ(chown(path_of(key_of("a")).c_str(), 1, 1), 0);
    EXPECT_FALSE(cache->find(key_of("a")));
  }
}

TEST_F(CodeCacheTest, LinksFoldersAndPipesInPlaceOfFilesAreRefused) {
  auto cache = open();
  store(*cache, key_of("a"), "native code");
  fs::rename(path_of(key_of("a")), outer.path() / "elsewhere");
  fs::create_symlink(outer.path() / "elsewhere", path_of(key_of("a")));
  EXPECT_FALSE(cache->find(key_of("a")));
  EXPECT_FALSE(fs::is_symlink(path_of(key_of("a"))));
  fs::create_directory(path_of(key_of("b")));
  EXPECT_FALSE(cache->find(key_of("b")));
  ASSERT_EQ(mkfifo(path_of(key_of("c")).c_str(), 0600), 0);
  EXPECT_FALSE(cache->find(key_of("c")));
}

TEST_F(CodeCacheTest, WhenTheKeyIsLostEverythingIsMadeAnew) {
  store(*open(), key_of("a"), "native code");
  const auto lose = {
      std::function<void(const fs::path&)>([](const fs::path& key) { fs::remove(key); }),
      std::function<void(const fs::path&)>([](const fs::path& key) { fs::resize_file(key, 31); }),
      std::function<void(const fs::path&)>([](const fs::path& key) { chmod(key.c_str(), 0644); }),
      std::function<void(const fs::path&)>([](const fs::path& key) { fs::remove(key), fs::create_symlink("x", key); }),
  };
  for (const auto& how : lose) {
    how(fs::path(folder) / "key");
    auto cache = open();
    EXPECT_FALSE(cache->find(key_of("a")));
    store(*cache, key_of("a"), "native code");
    EXPECT_TRUE(open()->find(key_of("a")));
  }
}

TEST_F(CodeCacheTest, ManyThatOpenAndWriteAtOnceAgreeAndDisturbNobody) {
  std::vector<std::thread> threads;
  std::atomic<int> found = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto cache = open();
      for (int round = 0; round < 20; ++round) {
        store(*cache, key_of("a"), "native code");
        found += code_in(cache->find(key_of("a"))) == "native code";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(found, 8 * 20);
  EXPECT_THAT(lines, testing::IsEmpty());
  EXPECT_EQ(files(), 1u) << "no file that was being written is left";
}

TEST_F(CodeCacheTest, TheFilesUsedLongestAgoGoWhenTheFolderIsFull) {
  const std::string code(1000, 'x');
  auto cache = open(5 * (1000 + code_trailer_size));
  const auto age = [&](std::string_view name, int hours) {
    fs::last_write_time(path_of(key_of(name)), fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  for (const char* name : {"a", "b", "c", "d", "e"}) store(*cache, key_of(name), code);
  age("a", 5), age("b", 4), age("c", 3), age("d", 2), age("e", 1);
  EXPECT_TRUE(cache->find(key_of("a"))) << "now it was used last";
  auto running = cache->find(key_of("b"));
  age("b", 4);
  store(*cache, key_of("f"), code);
  EXPECT_FALSE(cache->contains(key_of("b")));
  EXPECT_FALSE(cache->contains(key_of("c")));
  for (const char* name : {"a", "d", "e", "f"}) EXPECT_TRUE(cache->contains(key_of(name))) << name;
  EXPECT_EQ(code_in(running), code) << "who runs from a file keeps it";
}

TEST_F(CodeCacheTest, AFileLargerThanTheBoundIsKeptAlone) {
  auto cache = open(100);
  store(*cache, key_of("a"), std::string(1000, 'x'));
  store(*cache, key_of("b"), std::string(1000, 'x'));
  EXPECT_FALSE(cache->contains(key_of("a")));
  EXPECT_TRUE(cache->contains(key_of("b")));
}

TEST_F(CodeCacheTest, WhatADeadWriterLeftIsRemovedAndWhatALivingOneWritesIsNot) {
  auto cache = open();
  write_text(fs::path(folder) / ".new-old", "cut off");
  fs::last_write_time(fs::path(folder) / ".new-old", fs::file_time_type::clock::now() - std::chrono::hours(2));
  write_text(fs::path(folder) / ".new-young", "being written");
  store(*cache, key_of("a"), "native code");
  EXPECT_FALSE(fs::exists(fs::path(folder) / ".new-old"));
  EXPECT_TRUE(fs::exists(fs::path(folder) / ".new-young"));
}

TEST_F(CodeCacheTest, AFolderThatCannotBeWrittenIsReportedOnce) {
  auto cache = open();
  fs::remove_all(folder);
  EXPECT_FALSE(cache->create().has_value());
  EXPECT_FALSE(cache->create().has_value());
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr(folder));
  EXPECT_FALSE(cache->find(key_of("a")));
}

TEST_F(CodeCacheTest, WhatCannotBeWrittenIsReportedOnceAndNotKept) {
  auto cache = open();
  signal(SIGXFSZ, SIG_IGN);
  rlimit usual;
  getrlimit(RLIMIT_FSIZE, &usual);
  const rlimit full{.rlim_cur = 64, .rlim_max = usual.rlim_max};
  auto made = cache->create().value();
  setrlimit(RLIMIT_FSIZE, &full);
  cache->seal(std::move(made), {.key = key_of("a"), .code_size = 0, .code_hash = named("")});
  cache->keep_plan({named("c")}, bytes_of("planned"));
  cache->settle();
  setrlimit(RLIMIT_FSIZE, &usual);
  EXPECT_EQ(files(), 0u);
  EXPECT_THAT(lines, testing::ElementsAre(HasSubstr("cannot write to " + folder)));
}

TEST_F(CodeCacheTest, WhatWasSealedIsPublishedBeforeTheCacheGoes) {
  auto cache = open();
  for (int i = 0; i < 20; ++i) {
    auto made = cache->create().value();
    cache->seal(std::move(made), {.key = key_of(std::to_string(i)), .code_size = 0, .code_hash = named("")});
  }
  cache.reset();
  EXPECT_EQ(files(), 20u);
}

TEST_F(CodeCacheTest, TheDefaultFolderFollowsTheEnvironment) {
  setenv("XDG_CACHE_HOME", "/x", 1);
  setenv("HOME", "/some/folder", 1);
  EXPECT_EQ(default_cache_folder(), "/x/weft/code");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(default_cache_folder(), "/some/folder/.cache/weft/code");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  EXPECT_EQ(default_cache_folder(), "");
}

}  // namespace
}  // namespace weft::runtime
