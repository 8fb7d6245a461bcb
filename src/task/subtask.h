// A call as its caller sees it (CanonicalABI.md "Subtask State").
#pragma once

#include <cstdint>

#include "abi/resource.h"
#include "abi/task_state.h"
#include "task/thread.h"
#include "task/waitable.h"

namespace weft::task {

struct ComponentInstance;

// A result that its caller has not been given: what the host did while nothing of the store ran.
class LateResult : public boost::intrusive_ref_counter<LateResult, boost::thread_unsafe_counter>, Pinned {
 public:
  virtual ~LateResult() = default;
  // On a fiber of the caller: it may run the caller's realloc. Once.
  virtual void lower() = 0;
};

class Subtask final : public Waitable {
 public:
  // Who can be asked to cancel it: the callee's task, or an operation of the host.
  class Callee {
   public:
    // May run the callee; it may resolve at once, later, or return as if nothing had been asked.
    virtual void on_cancel(ComponentInstance* caller) = 0;

   protected:
    ~Callee() = default;
  };

  // `caller` outlives it.
  explicit Subtask(abi::ComponentInstance& caller) : lenders(caller.handles) {}

  abi::Lenders lenders;
  Callee* callee = nullptr;                      // null once it has resolved
  boost::intrusive_ptr<LateResult> late_result;  // of one that has returned

  bool resolved() const { return state_.resolved(); }
  bool resolve_delivered() const { return state_.resolve_delivered; }
  // Its phase as guests see it.
  std::uint32_t phase() const { return static_cast<std::uint32_t>(state_.phase); }
  // From now on what happens to it is an event: its caller has its index.
  void make_waitable() { reports_ = true; }

  void start() { advance(abi::SubtaskEvent::start); }
  void returned() { advance(abi::SubtaskEvent::return_value); }
  void cancelled() { advance(abi::SubtaskEvent::cancelled); }
  // The caller knows that it has resolved: ends the loans.
  void deliver_resolve();
  // Of subtask.cancel: traps if it was asked before, or its caller knows that it has resolved. False: it had resolved,
  // which is its pending event.
  bool request_cancel();
  // canon subtask.drop: traps unless its caller knows that it has resolved.
  void check_drop();

 private:
  void advance(abi::SubtaskEvent event);
  Event deliver() override;

  abi::SubtaskState state_;
  bool reports_ = false;
};

// What its caller waits for.
class SubtaskResolved final : public Condition {
 public:
  explicit SubtaskResolved(const Subtask& subtask) : subtask_(subtask) {}
  bool holds() const override { return subtask_.resolved(); }

 private:
  const Subtask& subtask_;
};

}  // namespace weft::task
