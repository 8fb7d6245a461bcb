#include "abi/handle_table.h"

#include <algorithm>
#include <string>

#include "abi/trap.h"

namespace weft::abi {
namespace {

const char* describe(EntryKind kind) {
  switch (kind) {
    case EntryKind::free:
      return "nothing";
    case EntryKind::resource:
      return "resource";
    case EntryKind::subtask:
      return "subtask";
    case EntryKind::readable_stream_end:
      return "readable stream end";
    case EntryKind::writable_stream_end:
      return "writable stream end";
    case EntryKind::readable_future_end:
      return "readable future end";
    case EntryKind::writable_future_end:
      return "writable future end";
    case EntryKind::waitable_set:
      return "waitable-set";
    case EntryKind::error_context:
      return "error-context";
  }
  return "nothing";
}

}  // namespace

void BorrowScope::check_returned() const {
  if (num_borrows > 0) throw Trap("borrow handles still remain at the end of the call");
}

std::uint32_t HandleTable::add(const HandleEntry& entry) {
  if (budget_.used >= budget_.limit) {
    throw Trap("more than " + std::to_string(budget_.limit) + " handles are in use");
  }
  std::uint32_t index = free_;
  if (index != 0) {
    free_ = entries_[index].rep;
    entries_[index] = entry;
  } else {
    if (entries_.size() > kMaxTableLength) throw Trap("handle table is full");
    index = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back(entry);
  }
  budget_.peak = std::max(budget_.peak, ++budget_.used);
  ++size_;
  return index;
}

HandleEntry& HandleTable::get(std::uint32_t index) {
  if (index >= entries_.size() || entries_[index].kind == EntryKind::free) {
    throw Trap("unknown handle index " + std::to_string(index));
  }
  return entries_[index];
}

HandleEntry& HandleTable::get(std::uint32_t index, EntryKind kind) {
  HandleEntry& entry = get(index);
  if (entry.kind != kind) {
    throw Trap("handle index " + std::to_string(index) + " used with the wrong type, expected " + describe(kind) +
               " but found " + describe(entry.kind));
  }
  return entry;
}

void HandleTable::lend(HandleEntry& entry) {
  if (budget_.lent >= kMaxLends) throw Trap("more than " + std::to_string(kMaxLends) + " handles are lent");
  ++budget_.lent;
  ++entry.num_lends;
}

void HandleTable::give_back(std::uint32_t index) {
  --get(index).num_lends;
  --budget_.lent;
}

void HandleTable::remove(std::uint32_t index) {
  entries_[index] = HandleEntry{.rep = free_};
  free_ = index;
  --budget_.used;
  --size_;
}

}  // namespace weft::abi
