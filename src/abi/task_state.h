// The states of tasks, subtasks and ends of streams and futures, and what each event does to them: the tables of
// README.md as pure functions (CanonicalABI.md "Task State", "Subtask State", "Stream State", "Future State").
//
// Who waits, which memory is copied and who is told belongs to the scheduler; these functions only say whether an event
// may happen and what comes next.
#pragma once

#include <cstdint>

namespace weft::abi {

// What an event does: leads to `next`; or is the guest's fault with the message `trap`; or, `impossible`, cannot be
// reached by any guest: the specification asserts that, so reaching it is a fault of weft.
template <class State>
struct Step {
  State next{};
  const char* trap = nullptr;
  bool impossible = false;
};

enum class TaskState : std::uint8_t { initial, started, pending_cancel, cancel_delivered, resolved };

enum class TaskEvent : std::uint8_t {
  start,               // its arguments are lifted
  return_value,        // task.return, or the return of a synchronous function; the borrow scope is checked apart
  cancel,              // task.cancel; the borrow scope is checked apart
  request_delivered,   // the caller asks for cancellation, and a thread can be told at once
  request_deferred,    // ... and no thread can
  cancellation_point,  // a thread blocks or polls where cancellation may be delivered
  exit,                // its last thread ends
};

Step<TaskState> step(TaskState state, TaskEvent event);

struct SubtaskState {
  // The values that guests see.
  enum class Phase : std::uint8_t { starting, started, returned, cancelled_before_started, cancelled_before_returned };

  Phase phase = Phase::starting;
  bool cancellation_requested = false;
  bool resolve_delivered = false;  // the caller knows; its lenders are released

  bool resolved() const { return phase >= Phase::returned; }
  friend bool operator==(const SubtaskState&, const SubtaskState&) = default;
};

enum class SubtaskEvent : std::uint8_t {
  start,
  return_value,
  cancelled,       // the callee resolves without a value
  request_cancel,  // subtask.cancel that does not resolve it at once
  deliver,         // its resolution reaches the caller, by an event or a return
  drop,            // subtask.drop
};

Step<SubtaskState> step(SubtaskState state, SubtaskEvent event);

enum class EndKind : std::uint8_t { readable_stream, writable_stream, readable_future, writable_future };

enum class CopyState : std::uint8_t { idle, copying, cancelling_copy, done };

enum class CopyEvent : std::uint8_t {
  copy,       // read or write
  cancel,     // cancel-read or cancel-write; not while a thread waits synchronously
  completed,  // the result of a copy reaches the guest
  dropped,
  cancelled,
  lift,  // passed on to another component
  drop,
};

Step<CopyState> step(EndKind kind, CopyState state, CopyEvent event);

}  // namespace weft::abi
