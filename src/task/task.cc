#include "task/task.h"

#include "abi/trap.h"

namespace weft::task {
namespace {

bool has_backpressure(const Task& task) {
  const ComponentInstance& instance = task.instance;
  return instance.backpressure > 0 || (task.kind.needs_exclusive() && instance.exclusive_thread != nullptr);
}

class MayEnter final : public Condition {
 public:
  explicit MayEnter(const Task& task) : task_(task) {}
  bool holds() const override { return !has_backpressure(task_) || task_.state() == abi::TaskState::cancel_delivered; }

 private:
  const Task& task_;
};

}  // namespace

void Task::advance(abi::TaskEvent event) {
  const auto step = abi::step(state_, event);
  if (step.trap != nullptr) throw abi::Trap(step.trap);
  state_ = step.next;
}

bool Task::enter_implicit_thread() {
  if (kind.async_type) {
    // Whoever is alone in the instance and can go on does so first, once: perhaps it need not be alone any more.
    if (kind.needs_exclusive() && instance.exclusive_thread != nullptr && instance.exclusive_thread->ready())
      scheduler.resume(*instance.exclusive_thread);
    if (has_backpressure(*this) || instance.num_waiting_to_enter > 0) {
      const MayEnter may_enter(*this);
      ++instance.num_waiting_to_enter;
      const bool cancelled = scheduler.yield_until(may_enter, true) || state_ == abi::TaskState::cancel_delivered;
      --instance.num_waiting_to_enter;
      if (cancelled) {
        cancel();
        return false;
      }
    }
    if (kind.needs_exclusive()) instance.exclusive_thread = &implicit_thread;
  }
  register_thread(implicit_thread);
  return true;
}

void Task::exit_implicit_thread() {
  unregister_thread(implicit_thread);
  if (kind.needs_exclusive()) instance.exclusive_thread = nullptr;
}

void Task::register_thread(Thread& thread) {
  thread.index = instance.threads.add(thread);
  ++threads_;
}

void Task::unregister_thread(Thread& thread) {
  if (--threads_ == 0 && caller_ != nullptr) advance(abi::TaskEvent::exit);
  instance.threads.remove(std::exchange(thread.index, 0));
}

void Task::start(abi::LowerContext& to, abi::CoreValue* flat) {
  advance(abi::TaskEvent::start);
  if (caller_ != nullptr) caller_->start(to, flat);
}

void Task::return_value(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) {
  advance(abi::TaskEvent::return_value);
  borrows.check_returned();
  if (caller_ != nullptr) caller_->resolve(from, max_flat, values);
}

void Task::cancel() {
  advance(abi::TaskEvent::cancel);
  borrows.check_returned();
  if (caller_ != nullptr) caller_->resolve_cancelled();
}

void Task::request_cancellation(ComponentInstance* from) {
  if (state_ == abi::TaskState::initial) {
    advance(abi::TaskEvent::request_delivered);
    scheduler.resume(implicit_thread, true);
    return;
  }
  // Only the event loop of a callback can be told for now.
  Thread& thread = implicit_thread;
  const bool others_turn =
      kind.needs_exclusive() && instance.exclusive_thread != nullptr && instance.exclusive_thread != &thread;
  if (!thread.cancellable || others_turn || !instance.may_enter_from(from)) {
    advance(abi::TaskEvent::request_deferred);
    return;
  }
  advance(abi::TaskEvent::request_delivered);
  instance.enter_from(from);
  scheduler.resume(thread, true);
  instance.leave_to(from);
}

void Task::request_cancellation_later() {
  if (state_ == abi::TaskState::initial || state_ == abi::TaskState::started) advance(abi::TaskEvent::request_deferred);
}

bool Task::deliver_pending_cancel(bool cancellable) {
  if (!cancellable || state_ != abi::TaskState::pending_cancel) return false;
  advance(abi::TaskEvent::cancellation_point);
  return true;
}

}  // namespace weft::task
