// What group commit is worth: durable writes a second by 64 writers, each answered after its sync.
//
// Three ways in one run, on the same disk: one transaction a write with SQLite alone (write-ahead log and
// synchronous=FULL, a lock around the connection); the provider; and the provider with one writer. Each for the seconds
// that the argument says, in the working folder. Prints a line of JSON, writes a second; bench/storage.py reads it.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "providers/sqlite/connection.h"
#include "providers/sqlite/key_value.h"

namespace {

using namespace weft;
using namespace weft::provider;
using namespace weft::provider::sqlite;
using Clock = std::chrono::steady_clock;

constexpr int writers = 64;

double per_second(std::uint64_t writes, Clock::time_point began) {
  return static_cast<double>(writes) / std::chrono::duration<double>(Clock::now() - began).count();
}

// Another one each time: what does not change is not written.
Bytes value_of(std::uint64_t number) {
  Bytes value(100);
  std::memcpy(value.data(), &number, sizeof number);
  return value;
}

// Each write in a transaction of its own.
double one_by_one(const std::filesystem::path& file, std::chrono::seconds time) {
  auto connection = Connection::open({.path = file}).value();
  std::mutex mutex;
  std::atomic<std::uint64_t> writes = 0;
  const auto began = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < writers; ++i) {
      threads.emplace_back([&, i] {
        const std::string key = "key-" + std::to_string(i);
        while (Clock::now() - began < time) {
          const std::lock_guard lock(mutex);
          const Bytes value = value_of(writes);
          Query query(*connection, Sql::set);
          if (!query.bind("default").bind(key).bind(value).step()) std::abort();
          ++writes;
        }
      });
    }
  }
  return per_second(writes, began);
}

double grouped(const std::filesystem::path& file, std::chrono::seconds time, int count) {
  SqliteKeyValue store(std::make_shared<Database>(OpenOptions{.path = file}), "default");
  std::uint64_t writes = 0;
  Loop loop{1};
  const auto began = Clock::now();
  for (int i = 0; i < count; ++i) {
    boost::asio::co_spawn(
        loop,
        [&, i]() -> awaitable<void> {
          const std::string key = "key-" + std::to_string(i);
          while (Clock::now() - began < time) {
            if (!co_await store.set(key, value_of(writes))) std::abort();
            ++writes;
          }
        },
        [](std::exception_ptr) {});
  }
  loop.run();
  return per_second(writes, began);
}

}  // namespace

int main(int argc, char** argv) {
  const std::chrono::seconds time(argc > 1 ? std::atoi(argv[1]) : 3);
  std::string folder = (std::filesystem::current_path() / "weft-kv-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const std::filesystem::path at(folder);
  const double plain = one_by_one(at / "plain.db", time);
  const double shared = grouped(at / "shared.db", time, writers);
  const double alone = grouped(at / "alone.db", time, 1);
  std::filesystem::remove_all(at);
  std::printf(R"({"writers":%d,"one_transaction_a_write":%.1f,"group_commit":%.1f,"group_commit_one_writer":%.1f})"
              "\n",
              writers, plain, shared, alone);
  return 0;
}
