// What survives a power cut, and when answers leave.
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "provider/testing/run.h"
#include "providers/sqlite/key_value.h"
#include "providers/sqlite/testing/cut_vfs.h"
#include "providers/sqlite/testing/folder.h"

namespace weft::provider::sqlite {
namespace {

using provider::testing::bytes;
using provider::testing::run;
using provider::testing::text;
using testing::CutVfs;
using testing::Folder;

constexpr int writers = 16;
constexpr int cuts_wanted = 1200;

// What was asked for and what was answered, by key; a value begins with its version, which only grows.
struct Versions {
  std::map<std::string, int> of;
};

struct Cut {
  CutVfs::Disk disk;
  Versions answered;  // before the cut
  Versions asked;     // after it
};

std::string value_of(int version, std::mt19937_64& random) {
  // Within a page, and over several.
  const std::size_t size = random() % 8 == 0 ? random() % 20'000 : random() % 300;
  return std::to_string(version) + ":" + std::string(size, static_cast<char>('a' + version % 26));
}

class Durability : public ::testing::Test {
 protected:
  // Opens what a cut left, as a program does that starts afterwards, and says what is wrong with it.
  static std::string fault_of(const Cut& cut, const std::filesystem::path& from) {
    const Folder folder(Folder::quick_place());
    for (const auto& [path, content] : cut.disk) {
      std::ofstream(folder.path() / std::filesystem::path(path).filename(), std::ios::binary) << content;
    }
    auto connection = Connection::open({folder.path() / from.filename()});
    if (!connection) return "it does not open: " + connection.error().message();
    std::map<std::string, int> found;
    for (const auto& [key, version] : cut.asked.of) {
      Query query(**connection, Sql::get);
      const auto row = query.bind("default").bind(key).step();
      if (!row) return key + ": " + row.error().message();
      found[key] = *row ? std::atoi(text(query.blob()).c_str()) : 0;
      if (found[key] > version) return key + " has a version that nobody asked for";
    }
    for (const auto& [key, version] : cut.answered.of) {
      if (found[key] < version) {
        return key + " was answered at version " + std::to_string(version) + " and is at " + std::to_string(found[key]);
      }
    }
    // Pairs are set together.
    for (int i = 0; i < writers; ++i) {
      if (found["left-" + std::to_string(i)] != found["right-" + std::to_string(i)]) return "half a batch";
    }
    return integrity_of(folder.path() / from.filename());
  }

  static std::string integrity_of(const std::filesystem::path& file) {
    sqlite3* database = nullptr;
    sqlite3_open(file.c_str(), &database);
    std::string verdict;
    const auto keep = [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) += values[0];
      return 0;
    };
    sqlite3_exec(database, "PRAGMA integrity_check", keep, &verdict, nullptr);
    sqlite3_close(database);
    return verdict == "ok" ? "" : "integrity: " + verdict;
  }

  Folder folder;
  std::filesystem::path file = folder.path() / "kv.db";
};

TEST_F(Durability, NoAnsweredChangeIsLostAtAnyOfOverAThousandPowerCuts) {
  const std::uint64_t seed = 20'240'601;
  std::mt19937_64 when(seed), what(seed + 1);
  CutVfs layer("cut-power");
  std::mutex mutex;
  Versions answered, asked;
  std::vector<Cut> cuts;
  std::uint64_t left = 1;
  bool enough = false;
  layer.on_event = [&](const CutVfs::Event&) {
    if (--left > 0) return;
    left = 1 + when() % 40;
    Cut cut;
    {
      const std::lock_guard lock(mutex);
      if (enough) return;
      cut.answered = answered;
    }
    cut.disk = layer.cut(when);
    const std::lock_guard lock(mutex);
    cut.asked = asked;
    cuts.push_back(std::move(cut));
    enough = cuts.size() >= cuts_wanted;
  };
  {
    // Copied into the database often, so that cuts fall into that too.
    auto database = std::make_shared<Database>(OpenOptions{file, layer.name(), 100});
    SqliteKeyValue store(database, "default");
    Loop loop;
    const auto ask = [&](const std::string& key, int version) {
      const std::lock_guard lock(mutex);
      asked.of[key] = version;
    };
    const auto answer = [&](const std::string& key, int version) {
      const std::lock_guard lock(mutex);
      answered.of[key] = version;
    };
    const auto done = [&] {
      const std::lock_guard lock(mutex);
      return enough;
    };
    for (int i = 0; i < writers; ++i) {
      boost::asio::co_spawn(
          loop,
          [&, i]() -> awaitable<void> {
            const std::string id = std::to_string(i);
            for (int version = 1; !done(); ++version) {
              if (version % 5 == 0) {
                const std::string value = value_of(version, what);
                ask("left-" + id, version);
                ask("right-" + id, version);
                EXPECT_TRUE(co_await store.set_many({{"left-" + id, bytes(value)}, {"right-" + id, bytes(value)}}));
                answer("left-" + id, version);
                answer("right-" + id, version);
              } else {
                ask("one-" + id, version);
                EXPECT_TRUE(co_await store.set("one-" + id, bytes(value_of(version, what))));
                answer("one-" + id, version);
              }
            }
          },
          [](std::exception_ptr failure) { EXPECT_EQ(failure, nullptr); });
    }
    loop.run();
  }
  ASSERT_GE(cuts.size(), static_cast<std::size_t>(cuts_wanted));
  std::size_t with_answers = 0;
  for (const Cut& cut : cuts) {
    with_answers += cut.answered.of.empty() ? 0u : 1u;
    const std::string fault = fault_of(cut, file);
    ASSERT_EQ(fault, "") << "at cut " << &cut - cuts.data() << " with seed " << seed;
  }
  EXPECT_GT(with_answers, cuts.size() * 9 / 10);
}

TEST_F(Durability, TheLayerLosesWhatIsNotSynced) {
  // The same loss with a database that does not sync: the test above can fail.
  CutVfs layer("cut-unsynced");
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, layer.name().c_str()),
            SQLITE_OK);
  sqlite3_exec(database, "PRAGMA journal_mode = WAL; CREATE TABLE t (n)", nullptr, nullptr, nullptr);
  sqlite3_exec(database, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  std::mt19937_64 random(7);
  int lost = 0;
  for (int i = 1; i <= 50; ++i) {
    sqlite3_exec(database, "INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr);
    const Folder left(Folder::quick_place());
    for (const auto& [path, content] : layer.cut(random)) {
      std::ofstream(left.path() / std::filesystem::path(path).filename(), std::ios::binary) << content;
    }
    sqlite3* after = nullptr;
    sqlite3_open((left.path() / "kv.db").c_str(), &after);
    int rows = 0;
    sqlite3_exec(
        after, "SELECT n FROM t",
        [](void* count, int, char**, char**) {
          ++*static_cast<int*>(count);
          return 0;
        },
        &rows, nullptr);
    sqlite3_close(after);
    lost += rows < i ? 1 : 0;
  }
  sqlite3_close(database);
  EXPECT_GT(lost, 25);
}

TEST_F(Durability, EveryAnswerLeavesAfterTheSyncOfItsChange) {
  constexpr int rounds = 20;
  CutVfs layer("trace-syncs");
  std::mutex mutex;
  struct Entry {
    enum { write, sync, answer } kind;
    std::string data;  // what is written to the log, or the marker of the change that is answered
  };
  std::vector<Entry> entries;
  layer.on_event = [&](const CutVfs::Event& event) {
    if (!event.log) return;
    const std::lock_guard lock(mutex);
    if (event.kind == CutVfs::Kind::write) entries.push_back({Entry::write, std::string(event.data)});
    if (event.kind == CutVfs::Kind::sync) entries.push_back({Entry::sync, {}});
  };
  {
    SqliteKeyValue store(std::make_shared<Database>(OpenOptions{file, layer.name(), 4000}), "default");
    Loop loop;
    for (int i = 0; i < 64; ++i) {
      boost::asio::co_spawn(
          loop,
          [&, i]() -> awaitable<void> {
            for (int round = 0; round < rounds; ++round) {
              const std::string marker = "<" + std::to_string(i) + "." + std::to_string(round) + ">";
              EXPECT_TRUE(co_await store.set("key-" + std::to_string(i), bytes(marker)));
              const std::lock_guard lock(mutex);
              entries.push_back({Entry::answer, marker});
            }
          },
          [](std::exception_ptr failure) { EXPECT_EQ(failure, nullptr); });
    }
    loop.run();
  }
  std::size_t answers = 0, syncs = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    syncs += entries[i].kind == Entry::sync ? 1u : 0u;
    if (entries[i].kind != Entry::answer) continue;
    ++answers;
    std::size_t written = 0;
    while (written < i && !(entries[written].kind == Entry::write &&
                            entries[written].data.find(entries[i].data) != std::string::npos)) {
      ++written;
    }
    std::size_t synced = written;
    while (synced < i && entries[synced].kind != Entry::sync) ++synced;
    ASSERT_LT(written, i) << "the change " << entries[i].data << " was answered before it was written";
    ASSERT_LT(synced, i) << "the change " << entries[i].data << " was answered before it was synced";
  }
  EXPECT_EQ(answers, 64u * rounds);
  // And they share syncs.
  EXPECT_LT(syncs, answers / 8);
}

}  // namespace
}  // namespace weft::provider::sqlite
