// The host's own objects behind the resource handles of one store.
//
// A guest never sees a representation: its handles are indices of its own table, checked and typed there
// (abi/handle_table.h). Objects die when their handle is dropped or with the store.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>

#include "abi/trap.h"
#include "util/pinned.h"

namespace weft::host {

// Base of everything a guest can hold a handle to.
class Resource : Pinned {
 public:
  virtual ~Resource() = default;
};

class ResourceTable : Pinned {
 public:
  std::uint32_t add(std::unique_ptr<Resource> resource) {
    if (free_.empty()) {
      entries_.push_back(std::move(resource));
      return static_cast<std::uint32_t>(entries_.size() - 1);
    }
    const std::uint32_t rep = free_.back();
    free_.pop_back();
    entries_[rep] = std::move(resource);
    return rep;
  }

  // The object, which stays in the table. Traps if it is gone, which a checked handle never leads to.
  Resource& get(std::uint32_t rep) const {
    if (rep >= entries_.size() || entries_[rep] == nullptr) throw abi::Trap("unknown host resource");
    return *entries_[rep];
  }

  // Takes the object out.
  std::unique_ptr<Resource> take(std::uint32_t rep) {
    get(rep);
    free_.push_back(rep);
    return std::move(entries_[rep]);
  }

  void clear() {
    // Later objects may refer to earlier ones.
    while (!entries_.empty()) entries_.pop_back();
    free_.clear();
  }

  ~ResourceTable() { clear(); }

 private:
  // Most instances have few objects at a time.
  boost::container::small_vector<std::unique_ptr<Resource>, 8> entries_;
  boost::container::small_vector<std::uint32_t, 8> free_;
};

}  // namespace weft::host
