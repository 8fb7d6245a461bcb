#include "runtime/plan_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "component/plan_bytes.h"
#include "runtime/code_cache.h"
#include "runtime/test_folder.h"

namespace weft::runtime {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

PlanKey key_of(std::string_view component) {
  return {.component = sha256(std::as_bytes(std::span(component)))};
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class PlanFileTest : public testing::Test {
 protected:
  std::unique_ptr<CodeCache> open(const std::string& where = "code") {
    return CodeCache::open({.folder = folder.path() / where,
                            .log =
                                [this](std::string_view line) {
                                  std::lock_guard lock(mutex);
                                  lines.emplace_back(line);
                                }})
        .value();
  }
  fs::path path_of(const PlanKey& key) const { return folder.path() / "code" / key.file_name(); }
  void keep(CodeCache& cache) const {
    cache.keep_plan(a, planned);
    cache.settle();
  }

  const PlanKey a = key_of("a");
  const std::vector<std::byte> planned = bytes_of("what was planned");
  TestFolder folder;
  std::mutex mutex;
  std::vector<std::string> lines;
};

TEST_F(PlanFileTest, WhatWasKeptIsFoundByEveryCacheOfTheFolder) {
  auto cache = open();
  EXPECT_EQ(cache->find_plan(a), std::nullopt);
  keep(*cache);
  EXPECT_EQ(cache->find_plan(a), planned);
  EXPECT_EQ(open()->find_plan(a), planned);
  EXPECT_EQ(cache->find_plan(key_of("b")), std::nullopt);
  EXPECT_EQ(cache->find_plan({a.component, component::Bypass::never}), std::nullopt);
  EXPECT_THAT(lines, testing::IsEmpty());
}

TEST_F(PlanFileTest, IsWrittenBeforeTheCacheGoes) {
  open()->keep_plan(a, planned);
  EXPECT_EQ(open()->find_plan(a), planned);
}

TEST_F(PlanFileTest, DamageInAnyByteIsSeenAtOnceAndTheFileRemoved) {
  auto cache = open();
  for (std::size_t i = 0; i < plan_header_size + planned.size(); ++i) {
    keep(*cache);
    std::string content = read_text(path_of(a));
    content[i] = static_cast<char>(content[i] ^ 1);
    write_text(path_of(a), content);
    EXPECT_EQ(cache->find_plan(a), std::nullopt) << i;
    EXPECT_FALSE(fs::exists(path_of(a)));
    EXPECT_EQ(lines.size(), i + 1);
  }
  EXPECT_THAT(lines.front(), HasSubstr(a.file_name()));
}

TEST_F(PlanFileTest, AFileOfAnotherLengthIsRefused) {
  auto cache = open();
  keep(*cache);
  const std::string content = read_text(path_of(a));
  for (std::size_t length = 0; length < content.size(); ++length) {
    keep(*cache);
    fs::resize_file(path_of(a), length);
    EXPECT_EQ(cache->find_plan(a), std::nullopt) << length;
  }
  write_text(path_of(a), content + "x");
  chmod(path_of(a).c_str(), 0600);
  EXPECT_EQ(cache->find_plan(a), std::nullopt);
  keep(*cache);
  fs::resize_file(path_of(a), plan_header_size + max_plan_file_bytes + 1);
  EXPECT_EQ(cache->find_plan(a), std::nullopt);
  EXPECT_THAT(lines.back(), HasSubstr("too large"));
}

TEST_F(PlanFileTest, TheFileOfAnotherComponentOrFolderIsRefused) {
  auto cache = open();
  keep(*cache);
  for (const PlanKey& other : {key_of("b"), PlanKey{a.component, component::Bypass::never}}) {
    fs::copy(path_of(a), path_of(other));
    EXPECT_EQ(cache->find_plan(other), std::nullopt);
    EXPECT_THAT(lines.back(), HasSubstr("another component"));
  }
  auto foreign = open("foreign");
  fs::copy(path_of(a), folder.path() / "foreign" / a.file_name());
  EXPECT_EQ(foreign->find_plan(a), std::nullopt);
  EXPECT_THAT(lines.back(), HasSubstr("this folder's key"));
  EXPECT_EQ(cache->find_plan(a), planned);
}

TEST_F(PlanFileTest, APlanOfAnotherVersionHasAnotherNameAndIsRefusedUnderThisOne) {
  auto cache = open();
  keep(*cache);
  EXPECT_THAT(a.file_name(), HasSubstr("." + std::to_string(component::plan_version) + ".plan"));
  std::string content = read_text(path_of(a));
  content[12] = static_cast<char>(component::plan_version + 1);
  write_text(path_of(a), content);
  EXPECT_EQ(cache->find_plan(a), std::nullopt);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("another format")));
}

TEST_F(PlanFileTest, WhatOthersMayUseAndWhatIsNoFileIsRefused) {
  auto cache = open();
  keep(*cache);
  chmod(path_of(a).c_str(), 0640);
  EXPECT_EQ(cache->find_plan(a), std::nullopt);
  keep(*cache);
  fs::rename(path_of(a), folder.path() / "elsewhere");
  fs::create_symlink(folder.path() / "elsewhere", path_of(a));
  EXPECT_EQ(cache->find_plan(a), std::nullopt);
  ASSERT_EQ(mkfifo(path_of(a).c_str(), 0600), 0);
  EXPECT_EQ(cache->find_plan(a), std::nullopt);
  EXPECT_EQ(lines.size(), 3u);
}

TEST_F(PlanFileTest, WhatIsTooLargeIsNotKept) {
  auto cache = open();
  cache->keep_plan(a, std::vector<std::byte>(max_plan_file_bytes + 1));
  cache->settle();
  EXPECT_FALSE(fs::exists(path_of(a)));
}

TEST_F(PlanFileTest, PlansCountForTheBoundOfTheFolder) {
  auto cache = CodeCache::open({.folder = folder.path() / "code", .max_bytes = 2000}).value();
  for (int i = 0; i < 5; ++i) {
    cache->keep_plan(key_of(std::to_string(i)), std::vector<std::byte>(1000));
    cache->settle();
  }
  EXPECT_NE(cache->find_plan(key_of("4")), std::nullopt);
  EXPECT_EQ(cache->find_plan(key_of("0")), std::nullopt);
}

}  // namespace
}  // namespace weft::runtime
