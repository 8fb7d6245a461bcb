// A call as its callee sees it (CanonicalABI.md "Task State").
#pragma once

#include <cstdint>

#include "abi/context.h"
#include "abi/source.h"
#include "abi/task_state.h"
#include "task/component_instance.h"
#include "task/thread.h"
#include "util/pinned.h"

namespace weft::task {

// Who called: gives the arguments when the task starts, and takes its result the moment it has one. Each is called once
// at most; both may enter a guest (realloc), and trap.
class Caller {
 public:
  // Lowers the arguments: at most 16 core values into `flat`, or through memory.
  virtual void start(abi::LowerContext& to, abi::CoreValue* flat) = 0;
  // Lifts the result: flat values, or where they are in memory if there are more than `max_flat`.
  virtual void resolve(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) = 0;
  virtual void resolve_cancelled() {}

 protected:
  ~Caller() = default;
};

// What the function of a task is.
struct TaskKind {
  bool async_type = false;  // its type says that it may block before it returns
  bool async_lift = false;  // it returns by task.return
  bool callback = false;

  // Of one instance at most one such task is within guest code at a time.
  bool needs_exclusive() const { return async_type && (!async_lift || callback); }
};

class Task : Pinned {
 public:
  // `caller` is null for what has neither arguments nor a result: start functions, destructors.
  Task(Scheduler& on, ComponentInstance& of, TaskKind what, Caller* by)
      : scheduler(on),
        instance(of),
        kind(what),
        origin(on.current() != nullptr ? on.current()->task.origin : nullptr),
        implicit_thread(*this),
        caller_(by) {}

  Scheduler& scheduler;
  ComponentInstance& instance;
  const TaskKind kind;
  // What the host did first of all that led to this task: as it says, and for tasks of a task as for that. It means
  // nothing here.
  const void* origin;
  abi::BorrowScope borrows;
  Thread implicit_thread;

  abi::TaskState state() const { return state_; }
  bool resolved() const { return state_ == abi::TaskState::resolved; }
  std::uint32_t threads() const { return threads_; }

  // On the implicit thread. Waits for back-pressure to end. False: it was cancelled before it started.
  bool enter_implicit_thread();
  void exit_implicit_thread();
  // Of every thread of the task; the last one that goes traps unless the task has a result.
  void register_thread(Thread& thread);
  void unregister_thread(Thread& thread);

  // Has the caller lower the arguments.
  void start(abi::LowerContext& to, abi::CoreValue* flat);
  // Traps if it has returned before, or keeps borrows.
  void return_value(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values);
  // task.cancel. Traps unless cancellation has been delivered.
  void cancel();
  // The caller, which is `from` or the host, asks for its end; what happens then is the task's choice.
  void request_cancellation(ComponentInstance* from);
  // The same by the host, in its own time: it is told when it has its turn, and nothing of it runs within this call.
  // May be asked at any time, also of a task that has a result.
  void request_cancellation_later();
  // Where a thread of it can be told: true if there is something to tell.
  bool deliver_pending_cancel(bool cancellable);

 private:
  void advance(abi::TaskEvent event);

  Caller* const caller_;
  abi::TaskState state_ = abi::TaskState::initial;
  std::uint32_t threads_ = 0;
};

}  // namespace weft::task
