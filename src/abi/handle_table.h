// The table of a component instance: resource handles, and later waitables, waitable sets and error contexts
// (CanonicalABI.md "Table State", "Resource State").
//
// Indices are seen by guests: they follow the specification's order of reuse exactly (the last one freed first).
// One thread per store; no locks.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>

#include "abi/type.h"
#include "util/pinned.h"

namespace weft::abi {

// The specification's bound on an index.
inline constexpr std::uint32_t kMaxTableLength = (std::uint32_t{1} << 28) - 1;
// Handles of all tables of one store: an instance that leaks handles traps long before the host feels it.
inline constexpr std::uint32_t kDefaultMaxHandles = 10'000;
// How often handles of one store may be lent to calls under way: one list can name a handle over and over.
inline constexpr std::uint32_t kMaxLends = 100'000;

// Counts the handles of one store, and how often they are lent; its tables share it and must not outlive it.
struct HandleBudget {
  std::uint32_t limit = kDefaultMaxHandles;
  std::uint32_t used = 0;
  std::uint32_t peak = 0;
  std::uint32_t lent = 0;
};

// The borrows a call was given and has to drop before it returns: `num_borrows` of a Task. Outlives its handles.
struct BorrowScope {
  std::uint32_t num_borrows = 0;

  // Traps if borrows remain.
  void check_returned() const;
};

enum class EntryKind : std::uint8_t {
  free,
  resource,
  subtask,
  readable_stream_end,
  writable_stream_end,
  readable_future_end,
  writable_future_end,
  waitable_set,
  error_context,
};

// One entry. A resource handle uses all members but `object`; every other kind uses only `object`, which the table does
// not own.
struct HandleEntry {
  EntryKind kind = EntryKind::free;
  bool own = false;
  ResourceIndex resource{};
  std::uint32_t rep = 0;
  std::uint32_t num_lends = 0;
  BorrowScope* borrow_scope = nullptr;  // of a borrow
  void* object = nullptr;
};

class HandleTable : Pinned {
 public:
  explicit HandleTable(HandleBudget& budget) : budget_(budget) {}
  ~HandleTable() { budget_.used -= size_; }

  // Traps if the table or the store's budget is full.
  std::uint32_t add(const HandleEntry& entry);
  // Traps if there is no such entry. The reference is valid until the next `add`.
  HandleEntry& get(std::uint32_t index);
  // Also traps if the entry is of another kind.
  HandleEntry& get(std::uint32_t index, EntryKind kind);
  // Of an entry that `get` has returned.
  void remove(std::uint32_t index);
  // To a call, an entry that `get` has returned. Traps if the store's budget is full.
  void lend(HandleEntry& entry);
  // Once for each time that it was lent.
  void give_back(std::uint32_t index);

  std::uint32_t size() const { return size_; }  // entries in use
  template <class F>
  void for_each(F f) {
    for (HandleEntry& entry : entries_) {
      if (entry.kind != EntryKind::free) f(entry);
    }
  }

 private:
  HandleBudget& budget_;
  // Index 0 is never used; a free entry's `rep` is the next free one. Most calls have few handles at a time.
  boost::container::small_vector<HandleEntry, 8> entries_{1};
  std::uint32_t free_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace weft::abi
