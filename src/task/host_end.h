// The host's side of a stream or future: what the end that a guest has meets where its other end is not a guest's.
//
// A host end outlives the store or not: the store's end of it is cut first, and nothing of the store is used after
// that.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>

#include "task/buffer.h"
#include "util/pinned.h"

namespace weft::task {

class CopyEnd;

// What a store is told of what the host does for its guests. May outlive the store, which is not woken then.
class HostEvents : public boost::intrusive_ref_counter<HostEvents, boost::thread_unsafe_counter>, Pinned {
 public:
  virtual ~HostEvents() = default;
  // Something a guest waits for will be done by the host, or has been.
  void begin_operation() { ++operations_; }
  void end_operation() {
    --operations_;
    wake();
  }
  // Nothing under way: threads that wait are waiting for each other.
  std::uint32_t operations() const { return operations_; }
  // Threads of the store may have become ready.
  virtual void wake() noexcept = 0;

 private:
  std::uint32_t operations_ = 0;
};

// How a guest's end came to its end.
enum class LetGo : std::uint8_t {
  dropped,  // by the guest
  lost,     // with its store: what was written may be incomplete
};

class HostEnd : public boost::intrusive_ref_counter<HostEnd, boost::thread_unsafe_counter>, Pinned {
 public:
  using Ref = boost::intrusive_ptr<HostEnd>;
  // When copy() may be called: it may only be on a fiber if it runs the guest's realloc.
  enum class Copies : std::uint8_t { anywhere, on_fiber };
  explicit HostEnd(Copies copies) : copies_(copies) {}
  virtual ~HostEnd() = default;

  // Whether copy() has something to do: elements or room are there, or no more will come.
  virtual bool ready() const = 0;
  // Moves what it can out of or into the guest's buffer. False: it was the last time. REQUIRES: ready(). It may trap.
  virtual bool copy(Buffer& guest) = 0;
  // No guest has the other end any more. Not called after the last copy().
  virtual void let_go(LetGo how) = 0;

  // A guest has the other end.
  bool attached() const { return guest_ != nullptr; }
  // ready() may have become true. Called by whoever makes it so, on the store's loop, at any time.
  void changed();

 protected:
  // The same while no guest has the other end.
  virtual void changed_alone() {}

 private:
  friend class CopyEnd;
  const Copies copies_;
  CopyEnd* guest_ = nullptr;
  boost::intrusive_ptr<HostEvents> events_;
};

}  // namespace weft::task
