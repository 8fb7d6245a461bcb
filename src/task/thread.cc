#include "task/thread.h"

#include <utility>

#include "abi/trap.h"
#include "task/component_instance.h"
#include "task/task.h"

namespace weft::task {
namespace {

class Always final : public Condition {
 public:
  bool holds() const override { return true; }
};
constinit const Always always;

}  // namespace

std::uint32_t ThreadTable::add(Thread& thread) {
  if (!free_.empty()) {
    const std::uint32_t index = free_.back();
    free_.pop_back();
    threads_[index] = &thread;
    return index;
  }
  threads_.push_back(&thread);
  return static_cast<std::uint32_t>(threads_.size() - 1);
}

Thread& ThreadTable::get(std::uint32_t index) const {
  if (index >= threads_.size() || threads_[index] == nullptr)
    throw abi::Trap("unknown thread index " + std::to_string(index));
  return *threads_[index];
}

void ThreadTable::remove(std::uint32_t index) {
  threads_[index] = nullptr;
  free_.push_back(index);
}

Scheduler::~Scheduler() {
  waiting_.clear();
}

void Scheduler::prepare(Thread& thread, void (*body)(void* env), void* env) {
  thread.own_stack_ = stacks_.make(body, env);
  thread.stack_ = thread.own_stack_.get();
}

void Scheduler::adopt(Thread& thread, Stack& stack) {
  thread.task.instance.enter_from(nullptr);
  entered_ = &thread.task.instance;
  runs_for(thread.task.origin);
  thread.stack_ = &stack;
  thread.state_ = Thread::State::running;
  current_ = &thread;
}

Scheduler::Inline::Inline(Scheduler& scheduler, Thread& thread)
    : scheduler_(scheduler), outer_(std::exchange(scheduler.current_, &thread)) {
  thread.inline_ = true;
  thread.state_ = Thread::State::running;
  scheduler.runs_for(thread.task.origin);
}

Scheduler::Inline::~Inline() {
  scheduler_.current_ = outer_;
}

void Scheduler::start_waiting(Thread& thread, const Condition& condition) {
  thread.condition_ = &condition;
  thread.state_ = Thread::State::waiting;
  waiting_.push_back(thread);
}

void Scheduler::stop_waiting(Thread& thread) {
  waiting_.erase(decltype(waiting_)::s_iterator_to(thread));
  thread.state_ = Thread::State::suspended;
  thread.condition_ = nullptr;
}

void Scheduler::resume_later(Thread& thread) {
  start_waiting(thread, always);
}

bool Scheduler::promote(Thread& other) {
  if (!other.ready()) return false;
  stop_waiting(other);
  return true;
}

bool Scheduler::run(Stack& stack) {
  if (stack.resume() != Stack::State::held) return true;
  held_ = &stack;
  held_current_ = std::exchange(current_, nullptr);
  return false;
}

bool Scheduler::run(Thread* thread) {
  while (thread != nullptr) {
    // An inline thread blocks in a loop below this frame, which goes on with it.
    if (thread->inline_) return true;
    Thread* const outer = std::exchange(current_, thread);
    runs_for(thread->task.origin);
    if (!run(*thread->stack_)) return false;
    current_ = outer;
    if (outer != nullptr) runs_for(outer->task.origin);
    thread = std::exchange(switch_to_, nullptr);
  }
  return true;
}

void Scheduler::leave() {
  current_ = nullptr;
  if (entered_ != nullptr) std::exchange(entered_, nullptr)->leave_to(nullptr);
}

void Scheduler::resume(Thread& thread, bool cancelled) {
  if (thread.waiting()) stop_waiting(thread);
  thread.state_ = Thread::State::running;
  thread.cancelled_ = cancelled;
  run(&thread);
}

void Scheduler::block(Thread& thread, bool cancellable, Thread* switch_to) {
  thread.cancellable = cancellable;
  thread.cancelled_ = false;
  if (switch_to != nullptr) switch_to->state_ = Thread::State::running;
  if (thread.inline_) {
    run_inline_until_resumed(thread, switch_to);
  } else {
    switch_to_ = switch_to;
    thread.stack_->block();
    current_ = &thread;
  }
  thread.cancellable = false;
}

// The caller's position is that of canon_lift in the specification: threads of the blocked instance alone may run, for
// the caller waits for it synchronously.
void Scheduler::run_inline_until_resumed(Thread& thread, Thread* switch_to) {
  current_ = nullptr;
  if (switch_to != nullptr) run(switch_to);
  while (!thread.running()) {
    Thread* next = pick(&thread.task.instance);
    if (next == nullptr) throw abi::Trap(why_not_block);
    resume(*next);
  }
  current_ = &thread;
  runs_for(thread.task.origin);
}

bool Scheduler::suspend(bool cancellable, Thread* switch_to) {
  Thread& thread = *current_;
  if (thread.task.deliver_pending_cancel(cancellable)) return true;
  thread.state_ = Thread::State::suspended;
  block(thread, cancellable, switch_to);
  return thread.cancelled_;
}

bool Scheduler::wait_until(const Condition& condition, bool cancellable) {
  if (current_->task.deliver_pending_cancel(cancellable)) return true;
  if (condition.holds()) return false;
  return yield_until(condition, cancellable);
}

bool Scheduler::yield_until(const Condition& condition, bool cancellable, Thread* switch_to) {
  Thread& thread = *current_;
  if (thread.task.deliver_pending_cancel(cancellable)) return true;
  if (switch_to == nullptr && random_ && condition.holds() && (*random_)() % 2 == 0) return false;
  start_waiting(thread, condition);
  block(thread, cancellable, switch_to);
  return thread.cancelled_;
}

bool Scheduler::yield(bool cancellable, Thread* switch_to) {
  return yield_until(always, cancellable, switch_to);
}

namespace {

// During a call that waits synchronously: threads of its instance that need not be alone in it.
bool may_run_within(const ComponentInstance& instance, const Thread& thread) {
  const Task& task = thread.task;
  return &task.instance == &instance && !(task.kind.needs_exclusive() && &thread == &task.implicit_thread);
}

}  // namespace

bool Scheduler::cannot_block() const {
  if (current_ == nullptr || !current_->inline_) return false;
  const ComponentInstance& instance = current_->task.instance;
  for (const Thread& thread : waiting_) {
    if (may_run_within(instance, thread) && thread.ready()) return false;
  }
  return true;
}

bool Scheduler::any_ready() const {
  for (const Thread& thread : waiting_) {
    if (thread.ready()) return true;
  }
  return false;
}

Thread* Scheduler::pick(const ComponentInstance* only) {
  Thread* chosen = nullptr;
  std::uint32_t ready = 0;
  for (Thread& thread : waiting_) {
    if ((only != nullptr && !may_run_within(*only, thread)) || !thread.ready()) continue;
    if (!random_) return &thread;
    // Each of n is chosen with the same probability.
    if ((*random_)() % ++ready == 0) chosen = &thread;
  }
  return chosen;
}

// After a trap nothing is left: instances that were entered stay so, and nobody enters them again.
void Scheduler::abandon() {
  current_ = switch_to_ = held_current_ = nullptr;
  held_ = nullptr;
  entered_ = nullptr;
}

void Scheduler::start(Stack& root, const void* origin) {
  runs_for(origin);
  enter(root);
}

void Scheduler::enter(Stack& root) {
  try {
    if (run(root) && run(std::exchange(switch_to_, nullptr))) leave();
  } catch (...) {
    abandon();
    throw;
  }
}

bool Scheduler::tick() {
  if (held_ != nullptr) {
    current_ = std::exchange(held_current_, nullptr);
    enter(*std::exchange(held_, nullptr));
    return true;
  }
  Thread* const thread = pick(nullptr);
  if (thread == nullptr) return false;
  entered_ = &thread->task.instance;
  entered_->enter_from(nullptr);
  try {
    resume(*thread);
  } catch (...) {
    abandon();
    throw;
  }
  if (held_ == nullptr) leave();
  return true;
}

}  // namespace weft::task
