#include "providers/sqlite/key_value.h"

#include <filesystem>
#include <fstream>

#include "provider/testing/key_value_contract.h"
#include "providers/sqlite/testing/folder.h"

namespace weft::provider::sqlite {
namespace {

using provider::testing::bytes;
using provider::testing::KeyValueCase;
using provider::testing::KeyValueContract;
using provider::testing::KeyValueHarness;
using provider::testing::run;
using testing::Folder;

class SqliteHarness final : public KeyValueHarness {
 public:
  KeyValueStore& store() override { return store_; }

 private:
  Folder folder_;
  std::shared_ptr<Database> database_ = std::make_shared<Database>(OpenOptions{folder_.path() / "kv.db"});
  SqliteKeyValue store_{database_, "default"};
};

INSTANTIATE_TEST_SUITE_P(Sqlite, KeyValueContract,
                         ::testing::Values(KeyValueCase{"sqlite", [] { return std::make_unique<SqliteHarness>(); }}));

class SqliteKeyValueTest : public ::testing::Test {
 protected:
  std::shared_ptr<Database> open() { return std::make_shared<Database>(OpenOptions{file}); }
  // As another program does it.
  std::string query(const char* sql) {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    std::string rows;
    char* message = nullptr;
    const auto add = [](void* to, int count, char** values, char**) {
      for (int i = 0; i < count; ++i) *static_cast<std::string*>(to) += std::string(i > 0 ? "|" : "") + values[i];
      *static_cast<std::string*>(to) += "\n";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database, sql, add, &rows, &message), SQLITE_OK) << message;
    sqlite3_free(message);
    sqlite3_close(database);
    return rows;
  }

  Folder folder;
  std::filesystem::path file = folder.path() / ".spin" / "sqlite_key_value.db";
  Loop loop;
};

TEST_F(SqliteKeyValueTest, TheFileIsLaidOutAsSpinDoes) {
  {
    SqliteKeyValue store(open(), "default");
    ASSERT_TRUE(run(loop, store.set("a", bytes("one"))));
    ASSERT_TRUE(run(loop, store.set("empty", {})));
  }
  EXPECT_EQ(query("SELECT store, key, typeof(value), hex(value) FROM spin_key_value ORDER BY key"),
            "default|a|blob|6F6E65\ndefault|empty|blob|\n");
  EXPECT_EQ(query("SELECT name, type, \"notnull\", pk FROM pragma_table_info('spin_key_value')"),
            "store|TEXT|1|1\nkey|TEXT|1|2\nvalue|BLOB|1|0\n");
}

TEST_F(SqliteKeyValueTest, AFileThatSpinMadeIsGoneOnWith) {
  std::filesystem::create_directories(file.parent_path());
  query(
      "CREATE TABLE spin_key_value (\n store TEXT NOT NULL,\n key TEXT NOT NULL,\n value BLOB NOT NULL,\n\n"
      " PRIMARY KEY (store, key)\n)");
  query("INSERT INTO spin_key_value VALUES ('default', 'a', x'6F6E65'), ('other', 'a', x'74776F')");
  {
    SqliteKeyValue store(open(), "default");
    EXPECT_EQ(run(loop, store.get("a")).value(), bytes("one"));
    ASSERT_TRUE(run(loop, store.set("b", bytes("three"))));
  }
  EXPECT_EQ(query("SELECT store, key, hex(value) FROM spin_key_value ORDER BY store, key"),
            "default|a|6F6E65\ndefault|b|7468726565\nother|a|74776F\n");
}

TEST_F(SqliteKeyValueTest, LabelsInOneFileDoNotSeeEachOther) {
  const auto database = open();
  SqliteKeyValue one(database, "one");
  SqliteKeyValue two(database, "two");
  ASSERT_TRUE(run(loop, one.set("a", bytes("1"))));
  ASSERT_TRUE(run(loop, two.set("b", bytes("2"))));
  EXPECT_EQ(run(loop, two.get("a")).value(), std::nullopt);
  EXPECT_EQ(run(loop, one.list_keys(std::nullopt)).value().keys, std::vector<std::string>{"a"});
}

TEST_F(SqliteKeyValueTest, ValuesOutliveTheProgramThatSetThem) {
  for (int i = 0; i < 3; ++i) {
    SqliteKeyValue store(open(), "default");
    EXPECT_EQ(run(loop, store.increment("starts", 1)).value(), i + 1);
  }
}

TEST_F(SqliteKeyValueTest, AnotherProgramMayWriteTheSameFileAtTheSameTime) {
  SqliteKeyValue store(open(), "default");
  ASSERT_TRUE(run(loop, store.set("a", bytes("one"))));
  query("UPDATE spin_key_value SET value = x'74776F' WHERE key = 'a'");
  EXPECT_EQ(run(loop, store.get("a")).value(), bytes("two"));
}

TEST_F(SqliteKeyValueTest, WhatIsNoDatabaseIsAnErrorThatNamesTheFileAndStays) {
  std::filesystem::create_directories(file.parent_path());
  const std::string content(5000, 'x');
  std::ofstream(file) << content;
  SqliteKeyValue store(open(), "default");
  for (const auto& failed : {run(loop, store.check()), run(loop, store.set("a", bytes("1")))}) {
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), Errc::io);
    EXPECT_NE(failed.error().message().find(file.string()), std::string::npos) << failed.error().message();
  }
  EXPECT_EQ(std::filesystem::file_size(file), content.size());
}

TEST_F(SqliteKeyValueTest, AStoreThatCannotBeOpenedWorksOnceItCan) {
  std::ofstream(file.parent_path()) << "in the way";
  SqliteKeyValue store(open(), "default");
  const auto failed = run(loop, store.set("a", bytes("1")));
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message().find(file.parent_path().string()), std::string::npos) << failed.error().message();
  std::filesystem::remove(file.parent_path());
  EXPECT_TRUE(run(loop, store.set("a", bytes("1"))));
  EXPECT_EQ(run(loop, store.get("a")).value(), bytes("1"));
}

TEST_F(SqliteKeyValueTest, AfterItIsStoppedCallsAreCancelled) {
  const auto database = open();
  SqliteKeyValue store(database, "default");
  ASSERT_TRUE(run(loop, store.set("a", bytes("1"))));
  database->stop();
  const auto failed = run(loop, store.get("a"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::cancelled);
}

TEST_F(SqliteKeyValueTest, OneChangeThatCannotBeMadeLeavesTheOthersOfItsGroup) {
  const auto database = open();
  SqliteKeyValue store(database, "default");
  ASSERT_TRUE(run(loop, store.check()));
  query(
      "CREATE TRIGGER picky BEFORE INSERT ON spin_key_value WHEN NEW.key = 'bad' "
      "BEGIN SELECT RAISE(FAIL, 'not this one'); END");
  int good = 0, bad = 0;
  for (int i = 0; i < 50; ++i) {
    boost::asio::co_spawn(
        loop,
        [&, i]() -> awaitable<void> {
          const auto done = co_await store.set(i % 10 == 3 ? "bad" : "good-" + std::to_string(i), bytes("v"));
          ++(done ? good : bad);
          if (!done) EXPECT_NE(done.error().message().find("not this one"), std::string::npos);
        },
        [](std::exception_ptr failure) { EXPECT_EQ(failure, nullptr); });
  }
  loop.restart();
  loop.run();
  EXPECT_EQ(good, 45);
  EXPECT_EQ(bad, 5);
  EXPECT_EQ(query("SELECT count(*) FROM spin_key_value"), "45\n");
}

}  // namespace
}  // namespace weft::provider::sqlite
