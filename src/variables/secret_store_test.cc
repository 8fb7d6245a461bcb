#include "variables/secret_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "util/read_file.h"

namespace weft::variables {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SecretStoreTest : public testing::Test {
 protected:
  SecretStoreTest() {
    std::string folder = testing::TempDir() + "secrets-XXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  ~SecretStoreTest() override { fs::remove_all(folder_); }

  Result<void> set(std::string_view key, std::string value) {
    return set_secret(file_(), key_(), key, Secret(std::move(value)));
  }
  std::string get(std::string_view key) {
    const auto store = SecretStore::read(file_(), key_());
    if (!store) return "error: " + store.error().message();
    const auto value = (*store)->get(key).value();
    return value ? value->reveal() : "none";
  }
  fs::path file_() { return SecretStore::path_in(folder_ / "app"); }
  fs::path key_() { return folder_ / "config/weft/secrets.key"; }

  fs::path folder_;
};

TEST_F(SecretStoreTest, KeepsWhatWasSetUntilItIsDeleted) {
  EXPECT_EQ(get("database-url"), "none") << "no file, and no key yet";
  ASSERT_TRUE(set("database-url", "postgres://one"));
  ASSERT_TRUE(set("stripe_key", "two"));
  ASSERT_TRUE(set("database-url", "postgres://three"));
  EXPECT_EQ(get("database-url"), "postgres://three");
  EXPECT_EQ(get("stripe_key"), "two");
  EXPECT_THAT(SecretStore::read(file_(), key_()).value()->keys(), ElementsAre("database-url", "stripe_key"));
  EXPECT_EQ(delete_secret(file_(), key_(), "database-url"), true);
  EXPECT_EQ(delete_secret(file_(), key_(), "database-url"), false);
  EXPECT_EQ(get("database-url"), "none");
  EXPECT_EQ(get("stripe_key"), "two");
}

TEST_F(SecretStoreTest, NeitherValuesNorKeysCanBeReadInTheFile) {
  ASSERT_TRUE(set("database-url", "postgres://ada"));
  const std::string first = read_file(file_(), 1 << 20).value();
  EXPECT_THAT(first, testing::StartsWith("weft-secrets\x01"));
  EXPECT_THAT(first, Not(HasSubstr("postgres")));
  EXPECT_THAT(first, Not(HasSubstr("database")));
  ASSERT_TRUE(set("database-url", "postgres://ada"));
  EXPECT_NE(read_file(file_(), 1 << 20).value(), first) << "each writing has a nonce of its own";
}

TEST_F(SecretStoreTest, FileAndKeyAreTheUsersAlone) {
  ASSERT_TRUE(set("a", "1"));
  for (const fs::path& path : {file_(), key_()}) {
    struct stat status;
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << path;
  }
  ASSERT_EQ(chmod(key_().c_str(), 0644), 0);
  EXPECT_THAT(get("a"), HasSubstr("chmod 600"));
  EXPECT_THAT(set("b", "2").error().message(), HasSubstr("chmod 600"));
}

TEST_F(SecretStoreTest, AFileChangedInAnyByteIsRefused) {
  ASSERT_TRUE(set("a", "s3cret"));
  const std::string whole = read_file(file_(), 1 << 20).value();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    std::ofstream(file_(), std::ios::binary) << changed;
    EXPECT_THAT(get("a"), HasSubstr("error: ")) << "byte " << i;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, whole.size() - 1}) {
    std::ofstream(file_(), std::ios::binary) << whole.substr(0, size);
    EXPECT_THAT(get("a"), HasSubstr("error: ")) << size << " bytes";
    EXPECT_FALSE(set("b", "2")) << "what cannot be read is not replaced";
  }
  std::ofstream(file_(), std::ios::binary) << whole + "x";
  EXPECT_THAT(get("a"), HasSubstr("damaged"));
}

TEST_F(SecretStoreTest, AnotherVersionAnotherKeyAndNoKeyAreSaid) {
  ASSERT_TRUE(set("a", "1"));
  std::string whole = read_file(file_(), 1 << 20).value();
  whole[12] = '\x02';
  std::ofstream(file_(), std::ios::binary) << whole;
  EXPECT_THAT(get("a"), HasSubstr("newer version"));
  whole[12] = '\x01';
  std::ofstream(file_(), std::ios::binary) << whole;
  fs::rename(key_(), folder_ / "kept");
  EXPECT_THAT(get("a"), HasSubstr("is missing: " + key_().string()));
  EXPECT_FALSE(set("b", "2")) << "a new key would make the store unreadable";
  EXPECT_FALSE(fs::exists(key_()));
  std::ofstream(key_(), std::ios::binary) << std::string(SecretKey::size, 'k');
  ASSERT_EQ(chmod(key_().c_str(), 0600), 0);
  EXPECT_THAT(get("a"), HasSubstr("another key"));
}

TEST_F(SecretStoreTest, WhatIsNoKeyOrNoTextOrTooLargeIsRefused) {
  for (const char* key : {"", "a b", "-a", "a=b", "../a"}) EXPECT_FALSE(set(key, "x")) << key;
  EXPECT_FALSE(set(std::string(max_secret_key_bytes + 1, 'a'), "x"));
  EXPECT_FALSE(set("a", "\xff"));
  EXPECT_FALSE(set("a", std::string("a\0b", 3)));
  EXPECT_TRUE(set("a", std::string(max_secret_bytes, 'x')));
  const auto refused = set("a", std::string(max_secret_bytes + 1, 'y'));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), Not(HasSubstr("yy")));
  EXPECT_EQ(get("a").size(), max_secret_bytes);
}

TEST_F(SecretStoreTest, OfManyThatSetAtOnceNoneIsLost) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 5; ++i) EXPECT_TRUE(set("key-t" + std::to_string(t) + "-n" + std::to_string(i), "v"));
    });
  }
  threads.clear();
  EXPECT_EQ(SecretStore::read(file_(), key_()).value()->keys().size(), 20u);
}

}  // namespace
}  // namespace weft::variables
