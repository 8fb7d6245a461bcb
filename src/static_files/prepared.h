// What was found out of a file's bytes, kept: entity tags, and the bytes in a coding.
#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "static_files/coding.h"
#include "static_files/file.h"
#include "util/pinned.h"

namespace weft::static_files {

// Bytes kept for one application: the compressed text of a large site. What is over goes, and is made again.
inline constexpr std::size_t max_prepared_bytes = 64 << 20;

// A version of a file, in one coding.
struct PreparedKey {
  Version version;
  Coding coding = Coding::identity;
  friend bool operator==(const PreparedKey&, const PreparedKey&) = default;
};
struct PreparedHash {
  std::size_t operator()(const PreparedKey& key) const;
};

struct Prepared : Pinned {
  std::string tag;    // with its quotes; of the bytes that are sent
  std::string bytes;  // in the coding; empty for identity, whose bytes are the file's
  // False: in that coding it is hardly smaller, so it is not sent; there is nothing else in here then.
  bool worth_it = true;
  // Since somebody last looked for what can go.
  mutable std::atomic<bool> used = false;
};
using PreparedPtr = std::shared_ptr<const Prepared>;

// Thread-safe; for workers, as it locks.
class PreparedStore : Pinned {
 public:
  explicit PreparedStore(std::size_t max_bytes = max_prepared_bytes) : max_bytes_(max_bytes) {}

  PreparedPtr find(const PreparedKey& key) const;
  // Returns the one that was there already, if there was one.
  PreparedPtr add(const PreparedKey& key, PreparedPtr made);
  // Of all that is kept, by what it takes in memory.
  std::size_t bytes() const;

 private:
  struct Entry {
    PreparedKey key;
    PreparedPtr prepared;
  };
  void make_room();

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // those that came, or were used, longest ago first
  std::unordered_map<PreparedKey, std::list<Entry>::iterator, PreparedHash> index_;
};

// What one loop has met: finds without a lock, and keeps nothing alive.
class PreparedHere {
 public:
  // Null: not met, or gone meanwhile.
  PreparedPtr find(const PreparedKey& key) const;
  void met(const PreparedKey& key, const PreparedPtr& prepared);

 private:
  // Then it starts over: files change, and a key is never met again.
  static constexpr std::size_t max_keys = 4096;
  std::unordered_map<PreparedKey, std::weak_ptr<const Prepared>, PreparedHash> met_;
};

}  // namespace weft::static_files
