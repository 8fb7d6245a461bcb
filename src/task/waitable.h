// What a guest can wait for, and sets of it (CanonicalABI.md "Waitable State").
//
// Everything in this folder belongs to one store and is touched by its thread only; objects are shared by references
// without locks.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>

#include "util/pinned.h"

namespace weft::task {

// The values that guests see.
enum class EventCode : std::uint32_t {
  none,
  subtask,
  stream_read,
  stream_write,
  future_read,
  future_write,
  task_cancelled,
};
struct Event {
  EventCode code = EventCode::none;
  std::uint32_t index = 0;
  std::uint32_t payload = 0;
};

// What a HandleTable has the address of: the table does not own it, so whoever puts it there holds a reference.
class TableObject : public boost::intrusive_ref_counter<TableObject, boost::thread_unsafe_counter>, Pinned {
 public:
  virtual ~TableObject() = default;
};

class WaitableSet;

// It holds at most one pending event, which is made when it is taken: taking it is what tells the guest.
class Waitable : public TableObject {
 public:
  ~Waitable() override;

  std::uint32_t index = 0;  // in the table that it is in; 0: in none
  bool has_pending_event() const { return pending_; }
  // REQUIRES: has_pending_event().
  Event get_pending_event();
  bool in_waitable_set() const { return set_ != nullptr; }
  // Leaves the set it is in; null: for none.
  void join(WaitableSet* set);

  // Traps if it is in a set and about to be waited for alone: `async` says that it is not.
  void check_not_in_set(bool async) const;

  bool has_sync_waiter = false;  // a thread waits for this one alone

 protected:
  void set_pending_event();
  void clear_pending_event();
  virtual Event deliver() = 0;

 private:
  friend class WaitableSet;
  using Hook = boost::intrusive::list_member_hook<>;
  bool pending_ = false;
  WaitableSet* set_ = nullptr;
  Hook in_set_, in_pending_;
};

class WaitableSet final : public TableObject {
 public:
  ~WaitableSet() override;

  bool empty() const { return elements_.empty(); }
  bool has_pending_event() const { return !pending_.empty(); }
  // Of the member whose event has been pending longest. REQUIRES: has_pending_event().
  Event get_pending_event();
  // canon waitable-set.drop: traps while it has members or somebody waits for it.
  void check_drop() const;

  std::uint32_t num_waiting = 0;  // threads

 private:
  friend class Waitable;
  template <Waitable::Hook Waitable::* hook>
  using List = boost::intrusive::list<Waitable, boost::intrusive::member_hook<Waitable, Waitable::Hook, hook>,
                                      boost::intrusive::constant_time_size<false>>;
  List<&Waitable::in_set_> elements_;
  List<&Waitable::in_pending_> pending_;  // the oldest first
};

}  // namespace weft::task
