#include "static_files/prepared.h"

#include <functional>
#include <utility>

namespace weft::static_files {
namespace {

// What an entry takes beside its bytes: nodes, counts, the tag.
constexpr std::size_t entry_bytes = 400;

std::size_t size_of(const Prepared& prepared) {
  return entry_bytes + prepared.bytes.capacity();
}

}  // namespace

std::size_t PreparedHash::operator()(const PreparedKey& key) const {
  // Inodes and times are numbers in sequence: a multiplication spreads them.
  constexpr std::uint64_t factor = 0x9e37'79b9'7f4a'7c15;
  std::uint64_t hash = key.version.inode;
  for (const std::uint64_t part : {key.version.device, static_cast<std::uint64_t>(key.version.changed_ns),
                                   key.version.size, static_cast<std::uint64_t>(key.coding)}) {
    hash = (hash ^ (hash >> 29)) * factor + part;
  }
  return static_cast<std::size_t>(hash * factor >> 7);
}

PreparedPtr PreparedStore::find(const PreparedKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : found->second->prepared;
}

PreparedPtr PreparedStore::add(const PreparedKey& key, PreparedPtr made) {
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) return found->second->prepared;
  bytes_ += size_of(*made);
  entries_.push_back({key, made});
  index_.emplace(key, std::prev(entries_.end()));
  make_room();
  return made;
}

std::size_t PreparedStore::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

// Who was used since it was last looked at gets another turn. The last one, just added, stays.
void PreparedStore::make_room() {
  while (bytes_ > max_bytes_ && entries_.size() > 1) {
    const auto oldest = entries_.begin();
    if (oldest->prepared->used.exchange(false, std::memory_order_relaxed)) {
      entries_.splice(std::prev(entries_.end()), entries_, oldest);
      continue;
    }
    bytes_ -= size_of(*oldest->prepared);
    index_.erase(oldest->key);
    entries_.pop_front();
  }
}

PreparedPtr PreparedHere::find(const PreparedKey& key) const {
  const auto found = met_.find(key);
  if (found == met_.end()) return nullptr;
  PreparedPtr prepared = found->second.lock();
  if (prepared != nullptr && !prepared->used.load(std::memory_order_relaxed)) {
    prepared->used.store(true, std::memory_order_relaxed);
  }
  return prepared;
}

void PreparedHere::met(const PreparedKey& key, const PreparedPtr& prepared) {
  if (met_.size() >= max_keys) met_.clear();
  met_.insert_or_assign(key, prepared);
}

}  // namespace weft::static_files
