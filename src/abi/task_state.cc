#include "abi/task_state.h"

namespace weft::abi {
namespace {

template <class State>
Step<State> trap(const char* message) {
  return {.trap = message};
}

template <class State>
Step<State> impossible() {
  return {.impossible = true};
}

bool is_readable(EndKind kind) {
  return kind == EndKind::readable_stream || kind == EndKind::readable_future;
}
bool is_stream(EndKind kind) {
  return kind == EndKind::readable_stream || kind == EndKind::writable_stream;
}

constexpr const char* kBusyCopy = "cannot have concurrent operations active on a future/stream";

const char* why_not_copy(EndKind kind, CopyState state) {
  if (state != CopyState::done) return kBusyCopy;
  switch (kind) {
    case EndKind::readable_stream:
      return "cannot read from stream after being notified that the writable end dropped";
    case EndKind::writable_stream:
      return "cannot write to stream after being notified that the readable end dropped";
    case EndKind::readable_future:
      return "cannot read from future after previous read succeeded";
    case EndKind::writable_future:
      break;
  }
  return "cannot write to future after previous write succeeded or readable end dropped";
}

const char* why_not_lift(EndKind kind, CopyState state) {
  if (!is_readable(kind)) return "cannot lift a writable end";
  if (state != CopyState::done) return is_stream(kind) ? "cannot lift busy stream" : "cannot lift busy future";
  return is_stream(kind) ? "cannot lift stream after being notified that the writable end dropped"
                         : "cannot lift future after previous read succeeded";
}

const char* why_not_drop(EndKind kind) {
  switch (kind) {
    case EndKind::readable_stream:
      return "cannot remove busy stream";
    case EndKind::writable_stream:
      return "cannot drop busy stream";
    case EndKind::readable_future:
      return "cannot remove busy future";
    case EndKind::writable_future:
      break;
  }
  return "cannot drop future write end without first writing a value";
}

}  // namespace

Step<TaskState> step(TaskState state, TaskEvent event) {
  switch (event) {
    case TaskEvent::start:
      return state == TaskState::initial ? Step{TaskState::started} : impossible<TaskState>();
    case TaskEvent::return_value:
      if (state == TaskState::resolved) return trap<TaskState>("task has already returned or been cancelled");
      return {TaskState::resolved};
    case TaskEvent::cancel:
      if (state != TaskState::cancel_delivered) return trap<TaskState>("task was not told to cancel");
      return {TaskState::resolved};
    case TaskEvent::request_delivered:
    case TaskEvent::request_deferred:
      // A task that waits to be entered can always be told.
      if (state == TaskState::initial) return {TaskState::cancel_delivered};
      if (state != TaskState::started) return impossible<TaskState>();
      return {event == TaskEvent::request_delivered ? TaskState::cancel_delivered : TaskState::pending_cancel};
    case TaskEvent::cancellation_point:
      return {state == TaskState::pending_cancel ? TaskState::cancel_delivered : state};
    case TaskEvent::exit:
      if (state != TaskState::resolved) return trap<TaskState>("async-lifted export failed to produce a result");
      return {state};
  }
  return impossible<TaskState>();
}

Step<SubtaskState> step(SubtaskState state, SubtaskEvent event) {
  using Phase = SubtaskState::Phase;
  switch (event) {
    case SubtaskEvent::start:
      if (state.phase != Phase::starting) return impossible<SubtaskState>();
      state.phase = Phase::started;
      return {state};
    case SubtaskEvent::return_value:
      if (state.phase != Phase::started) return impossible<SubtaskState>();
      state.phase = Phase::returned;
      return {state};
    case SubtaskEvent::cancelled:
      if (state.resolved() || !state.cancellation_requested) return impossible<SubtaskState>();
      state.phase = state.phase == Phase::starting ? Phase::cancelled_before_started : Phase::cancelled_before_returned;
      return {state};
    case SubtaskEvent::request_cancel:
      if (state.resolve_delivered) return trap<SubtaskState>("subtask has already been resolved");
      if (state.cancellation_requested) return trap<SubtaskState>("subtask has already been asked to cancel");
      // What is resolved only needs to be delivered, which subtask.cancel does at once.
      if (state.resolved()) {
        state.resolve_delivered = true;
      } else {
        state.cancellation_requested = true;
      }
      return {state};
    case SubtaskEvent::deliver:
      if (!state.resolved() || state.resolve_delivered) return impossible<SubtaskState>();
      state.resolve_delivered = true;
      return {state};
    case SubtaskEvent::drop:
      if (!state.resolve_delivered) {
        return trap<SubtaskState>("cannot drop a subtask which has not yet resolved");
      }
      return {state};
  }
  return impossible<SubtaskState>();
}

Step<CopyState> step(EndKind kind, CopyState state, CopyEvent event) {
  const bool busy = state == CopyState::copying || state == CopyState::cancelling_copy;
  switch (event) {
    case CopyEvent::copy:
      if (state != CopyState::idle) return trap<CopyState>(why_not_copy(kind, state));
      return {CopyState::copying};
    case CopyEvent::cancel:
      if (state != CopyState::copying) return trap<CopyState>("no copy is in progress that could be cancelled");
      return {CopyState::cancelling_copy};
    case CopyEvent::completed:
      if (!busy) return impossible<CopyState>();
      return {is_stream(kind) ? CopyState::idle : CopyState::done};
    case CopyEvent::dropped:
      // A future is not dropped before its value was written.
      if (!busy || kind == EndKind::readable_future) return impossible<CopyState>();
      return {CopyState::done};
    case CopyEvent::cancelled:
      return busy ? Step{CopyState::idle} : impossible<CopyState>();
    case CopyEvent::lift:
      if (!is_readable(kind) || state != CopyState::idle) return trap<CopyState>(why_not_lift(kind, state));
      return {state};
    case CopyEvent::drop: {
      const bool allowed = kind == EndKind::writable_future ? state == CopyState::done : !busy;
      return allowed ? Step{state} : trap<CopyState>(why_not_drop(kind));
    }
  }
  return impossible<CopyState>();
}

}  // namespace weft::abi
