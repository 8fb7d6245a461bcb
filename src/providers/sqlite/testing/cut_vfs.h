// A layer between SQLite and the system that knows what a power cut at this moment would leave on the disk.
//
// Files are real. Beside each, the layer keeps what was synced and every write since. A cut keeps what was synced and
// any part of the rest: each 512-byte piece of a write, each truncation, may or may not have reached the disk, in any
// combination. A new file's name is on the disk once it, or the log beside it, was synced. Removals count at once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "util/pinned.h"

struct sqlite3_vfs;

namespace weft::provider::sqlite::testing {

class CutVfs : Pinned {
 public:
  enum class Kind { write, truncate, sync };
  struct Event {
    Kind kind;
    bool log;               // of the write-ahead log, else of the database
    std::string_view data;  // what is written
  };
  // By full path.
  using Disk = std::map<std::string, std::string>;

  // Registers itself under `name`, which SQLite opens databases by.
  explicit CutVfs(std::string name);
  ~CutVfs();
  const std::string& name() const { return name_; }
  // After each event, on the thread that caused it; may call cut().
  std::function<void(const Event&)> on_event;

  // What the disk could hold if the power went now.
  Disk cut(std::mt19937_64& random);

 private:
  friend struct CutFile;
  static constexpr std::size_t piece_bytes = 512;
  struct Change {
    bool truncation;
    std::uint64_t at;  // or the new size
    std::string data;
  };
  struct File {
    std::string synced;
    bool named = false;
    std::vector<Change> changes;
  };
  static void apply(std::string& content, const Change& change);
  void record(const std::string& path, Change change);
  void sync(const std::string& path);
  void forget(const std::string& path);
  void happened(const Event& event) {
    if (on_event) on_event(event);
  }

  const std::string name_;
  sqlite3_vfs* system_;
  std::unique_ptr<sqlite3_vfs> layer_;
  std::mutex mutex_;
  std::map<std::string, File> files_;
};

}  // namespace weft::provider::sqlite::testing
