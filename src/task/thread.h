// Threads of a store and the one place that runs them (CanonicalABI.md "Thread State", "Store State").
//
// A thread runs until it blocks or ends; then whoever resumed it goes on. Which of several ready threads is next is
// free: no guest may depend on it.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "abi/instance.h"
#include "task/waitable.h"
#include "util/pinned.h"

namespace weft::task {

// What a synchronously typed call that waits traps with, when no thread of its instance can run meanwhile.
inline constexpr const char* why_not_block =
    "cannot block a synchronous task before returning (deadlock detected: event loop cannot make further progress)";

// Threads that guests of one store have made and that have not ended: each may hold a stack.
inline constexpr std::uint32_t max_threads = 4096;

class Task;
class Thread;
class Scheduler;
struct ComponentInstance;

// Where a thread's frames are. One is entered by resume() and left by block().
class Stack {
 public:
  enum class State { blocked, ended, held };
  virtual ~Stack() = default;
  // Runs it from its start, or from where it blocked. `held`: it was preempted, or waits for the host while nothing
  // else of the store may run; resume() it again, and nothing else before. Only seen where there is no stack below: on
  // another one it is resumed until it blocks or ends. What it ended with is thrown.
  virtual State resume() = 0;
  // On it: goes back to whoever resumed it. Returns when it is resumed again.
  virtual void block() = 0;
};

class Stacks {
 public:
  virtual std::unique_ptr<Stack> make(void (*body)(void* env), void* env) = 0;
  // Task::origin of what runs from now on. Called when it is another one.
  virtual void runs_for(const void* /*origin*/) {}

 protected:
  ~Stacks() = default;
};

// What a blocked thread waits for.
class Condition {
 public:
  virtual bool holds() const = 0;

 protected:
  ~Condition() = default;
};

class Thread : Pinned {
 public:
  // Without a stack it runs on that of whoever resumes it first (a call of a synchronously typed function).
  explicit Thread(Task& of) : task(of) {}

  Task& task;
  std::array<std::uint32_t, 2> storage{};  // context.get and context.set
  std::uint32_t index = 0;                 // in its instance's table of threads; 0: in none
  bool cancellable = false;                // blocked where a request to cancel can be delivered

  bool running() const { return state_ == State::running; }
  bool suspended() const { return state_ == State::suspended; }
  bool waiting() const { return state_ == State::waiting; }
  bool ready() const { return waiting() && condition_->holds(); }
  // Ends its frames, if it has a stack of its own, as an error would: nothing of the store runs after that.
  void drop_stack() { own_stack_.reset(); }

 private:
  friend class Scheduler;
  enum class State : std::uint8_t { suspended, waiting, running };
  State state_ = State::suspended;
  bool cancelled_ = false;  // what the block it is in ends with
  bool inline_ = false;
  const Condition* condition_ = nullptr;
  Stack* stack_ = nullptr;
  std::unique_ptr<Stack> own_stack_;
  using Hook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  Hook in_waiting_;  // a thread whose frames are dropped leaves the list
};

class Scheduler : Pinned {
 public:
  explicit Scheduler(Stacks& stacks) : stacks_(stacks) {}
  ~Scheduler();

  // What runs now; null: nothing of a guest.
  Thread* current() const { return current_; }
  // Which ready thread is next is drawn with this seed; without one it is the one that has waited longest.
  void set_seed(std::uint32_t seed) { random_.emplace(seed); }

  // Gives a new thread a stack of its own, on which `body(env)` will run.
  void prepare(Thread& thread, void (*body)(void* env), void* env);
  // Makes a stack that was started the thread's, and enters its instance from outside. Nothing but the thread may run
  // on the stack from then on.
  void adopt(Thread& thread, Stack& stack);
  // A thread without a stack of its own runs where this lives, for as long as it does.
  class Inline : Pinned {
   public:
    Inline(Scheduler& scheduler, Thread& thread);
    ~Inline();

   private:
    Scheduler& scheduler_;
    Thread* const outer_;
  };

  // Thread.resume: until it, or whom it switches to, blocks or ends.
  void resume(Thread& thread, bool cancelled = false);
  // Thread.resume_later. REQUIRES: suspended.
  void resume_later(Thread& thread);

  // The following are for the thread that runs. They return true if the task's cancellation was delivered.
  bool suspend(bool cancellable, Thread* switch_to = nullptr);
  // Does not block if the condition holds.
  bool wait_until(const Condition& condition, bool cancellable);
  // Lets others have their turn in any case.
  bool yield_until(const Condition& condition, bool cancellable, Thread* switch_to = nullptr);
  bool yield(bool cancellable, Thread* switch_to = nullptr);
  // The thread that runs is of a synchronously typed call, and if it waited now, no thread could run.
  bool cannot_block() const;
  // Takes a ready thread out of the waiting ones, so that it can be switched to. False: it is not ready.
  bool promote(Thread& other);

  // ---- From outside of every stack. ----

  // Runs what is no thread yet: makes instances, calls functions, and may become a thread by adopt(). Until it is one,
  // it has `origin` as a task would.
  void start(Stack& root, const void* origin = nullptr);
  // Store.tick: goes on with what is held, else runs one ready thread. False: there is none.
  bool tick();
  bool any_ready() const;
  // A stack is held: until tick() has gone on with it, nothing else of the store runs.
  bool held() const { return held_ != nullptr; }
  // Task::origin of what ran last or runs now; null: of none.
  const void* ran_for() const { return ran_for_; }
  // What origins meant is gone. REQUIRES: there is no task.
  void forget_origins() { ran_for_ = nullptr; }

 private:
  friend class Inline;
  Thread* pick(const ComponentInstance* only);
  void start_waiting(Thread& thread, const Condition& condition);
  void stop_waiting(Thread& thread);
  void block(Thread& thread, bool cancellable, Thread* switch_to);
  void run_inline_until_resumed(Thread& thread, Thread* switch_to);
  // Runs it and whom it switches to. False: it is held.
  bool run(Thread* thread);
  bool run(Stack& stack);
  // Runs what was started, until it blocks or ends.
  void enter(Stack& root);
  void runs_for(const void* origin) {
    if (origin != ran_for_) stacks_.runs_for(ran_for_ = origin);
  }
  // After run() of what was not resumed by a thread.
  void leave();
  void abandon();

  Stacks& stacks_;
  Thread* current_ = nullptr;
  Thread* switch_to_ = nullptr;
  Stack* held_ = nullptr;                 // the outermost
  Thread* held_current_ = nullptr;        // what ran when it was held
  ComponentInstance* entered_ = nullptr;  // from outside, for what runs
  const void* ran_for_ = nullptr;
  std::optional<std::minstd_rand> random_;
  boost::intrusive::list<Thread, boost::intrusive::member_hook<Thread, Thread::Hook, &Thread::in_waiting_>,
                         boost::intrusive::constant_time_size<false>>
      waiting_;
};

}  // namespace weft::task
