// A call as its callee sees it (CanonicalABI.md "Task State"), from its start until its core function has returned: on
// the stack of whoever makes the call.
#pragma once

#include <array>
#include <cstdint>

#include "abi/context.h"
#include "abi/source.h"
#include "abi/task_state.h"
#include "component/plan.h"
#include "util/pinned.h"

namespace weft::component {

// Takes what a task returns, at the moment it returns it.
class TaskResult {
 public:
  // Lifts the result: flat values, or where they are in memory if there are more than `max_flat`.
  virtual void take(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) = 0;

 protected:
  ~TaskResult() = default;
};

class Task : Pinned {
 public:
  // `current` is what runs in the store; it is this task until it is gone. `lift` is null for what is no component
  // function: start functions and destructors. Such a task has no result.
  Task(Task*& current, const Lift* lift_of, TaskResult* result)
      : lift(lift_of), current_(current), outer_(current), result_(result) {
    current = this;
  }
  ~Task() { current_ = outer_; }

  const Lift* const lift;
  abi::BorrowScope borrows;
  std::array<std::uint32_t, 2> storage{};  // context.get and context.set of its implicit thread

  bool is_async() const { return lift != nullptr && lift->options.async; }
  // Traps if it has returned before, or keeps borrows.
  void return_value(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values);
  // task.cancel. Traps unless cancellation has been delivered.
  void cancel();
  // Its core function has returned. Traps if the task has not.
  void exit();

 private:
  void advance(abi::TaskEvent event);

  Task*& current_;
  Task* const outer_;
  TaskResult* const result_;
  abi::TaskState state_ = abi::TaskState::started;
};

}  // namespace weft::component
