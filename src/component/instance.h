// An instance of a component in a store of its own: the unit that serves a request.
//
// Everything here belongs to one thread. Functions marked [fiber] run on a fiber of the store and throw abi::Trap for
// a guest's fault; after one the instance must not be entered again.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "abi/context.h"
#include "abi/core_value.h"
#include "component/core_state.h"
#include "component/fiber_stack.h"
#include "component/guest_task.h"
#include "component/host_task.h"
#include "component/linked.h"
#include "component/table_objects.h"
#include "host/request_context.h"
#include "host/resource_table.h"
#include "host/signal.h"
#include "util/pinned.h"
#include "util/recycled.h"

namespace weft::component {

// How an export's arguments get in and its result gets out, on the stack of the caller.
class ExportCall {
 public:
  // Lowers the arguments: at most 16 core values into `flat`, or through memory, as the function's type says.
  virtual void lower_args(abi::LowerContext& context, const abi::FuncType& type, abi::CoreValue* flat) = 0;
  // Lifts the result, if the type has one: flat values, or where they are in memory if there are more than `max_flat`.
  virtual void lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                           abi::CoreValueIter& values) = 0;

 protected:
  ~ExportCall() = default;
};

// Tasks of one store that have begun and not ended.
inline constexpr std::size_t max_tasks = 1000;

class Instance final : task::Stacks, Pinned, public Recycled<Instance> {
 public:
  // `waker` resumes the fiber that waits in this store. `context` and `waker` outlive the instance.
  static Result<std::unique_ptr<Instance>> create(std::shared_ptr<const LinkedComponent> component,
                                                  host::RequestContext& context, host::Waker& waker,
                                                  const wasm::StoreLimits& limits, wasm::TickPolicy* ticks);
  // The same of a core state that is new, or restored.
  static std::unique_ptr<Instance> create(std::unique_ptr<CoreState> core, host::RequestContext& context,
                                          host::Waker& waker, wasm::TickPolicy* ticks);
  ~Instance();
  // Ends what still runs. Only its destruction may follow. Its core state, which need not be restorable.
  std::unique_ptr<CoreState> end();

  // What is to be done next with it.
  enum class Progress {
    preempted,  // others on the loop should have their turn: go_on() soon
    ready,      // tasks can go on: go_on()
    waiting,    // it holds the store while it waits for the host: go_on() when woken
    idle,       // tasks wait for the host: the same
    stuck,      // tasks wait for each other, or for nothing: nobody will ever wake them
    ended,      // nothing of it runs any more
  };
  // Runs `body(env)` on a fiber, until it ends or blocks, for `share` as call() has it. Throws what it throws, and what
  // it resumes; after that nothing of the instance may run. REQUIRES: an earlier body has ended or become a task.
  Progress start(void (*body)(void* env), void* env, host::RequestShare* share = nullptr);
  // Goes on with what is held, or with one task that is ready. The same.
  Progress go_on();

  // [fiber] Makes the core instances and runs their start functions, unless its core state is a restored one.
  void instantiate();
  // [fiber] Calls a lifted export (canon lift). Of a function of asynchronous type the rest of the fiber is taken for
  // its task, which may return long before it ends: nothing of the store may follow on the fiber. The call and all that
  // comes of it count for `share`, which is kept until every task has ended; null: the context's own.
  void call(FuncRef func, ExportCall& call, host::RequestShare* share = nullptr);
  // Whether a call of the lifted export would begin at once: nothing is held, and its component keeps nobody waiting.
  bool takes_call(FuncRef func) const;
  // Asks those calls for their end that were made with `share`; they are told when their component takes events, if it
  // ever does. At any time: nothing runs within this.
  void cancel(const host::RequestShare& share);
  // [fiber] Waits until one of `pollables` is ready. At least one must be given.
  void wait_for(std::span<host::Pollable* const> pollables);
  // [fiber] Waits until `done()`; looked at again whenever `signal` is notified.
  void wait_until(host::Signal& signal, const std::function<bool()>& done);

  wasm::Store& store() { return *core_->store_; }
  // With the share of whoever runs.
  host::RequestContext& context() { return context_; }
  host::ResourceTable& resources() { return resources_; }
  // Handles of all its tables, alive now.
  std::uint32_t peak_handles() const { return handle_budget_.peak; }
  const LinkedComponent& component() const { return component_; }
  task::Scheduler& scheduler() { return scheduler_; }
  task::ComponentInstance& instance_at(std::uint32_t index) { return instances_[index]; }
  // What the host does for guests that wait.
  boost::intrusive_ptr<task::HostEvents> host_events();
  // State that services keep for the life of the store, by service.
  template <class T>
  T& state() {
    for (State* state = states_; state != nullptr; state = state->next) {
      if (state->key == &state_key<T>) return static_cast<StateOf<T>*>(state)->value;
    }
    return make_state<T>();
  }

 private:
  friend class LinkedComponent;
  friend class HostCall;
  friend class HostTask;
  // In the arena, the one made last first.
  struct State : Pinned {
    virtual ~State() = default;
    const void* key = nullptr;
    State* next = nullptr;
  };
  template <class T>
  struct StateOf final : State {
    T value;
  };
  template <class T>
  static constexpr char state_key = 0;
  template <class T>
  [[gnu::noinline]] T& make_state() {
    auto* made = new (arena_.allocate(sizeof(StateOf<T>), alignof(StateOf<T>))) StateOf<T>();
    made->key = &state_key<T>;
    made->next = std::exchange(states_, made);
    return made->value;
  }
  using CoreInstance = CoreState::CoreInstance;
  using FuncSlot = CoreState::FuncSlot;

  Instance(std::unique_ptr<CoreState> core, host::RequestContext& context, host::Waker& waker);
  void run(const InstantiateCore& step);
  void run(const ExtractMemory& step);
  void run(const ExtractTable& step);
  void run(const ExtractFunc& step);
  void run(const CallStart& step);
  void make_core(std::uint32_t core_instance);
  wasm::Extern export_of(const LinkedComponent::LinkedItem& item);
  // Traps with "uninitialized element" while there is none.
  const wasm::Func& func_at(FuncSlotIndex slot) {
    if (core_->funcs_[slot].func) [[likely]]
      return core_->funcs_[slot].func;
    return find_func(slot);
  }
  const wasm::Func& find_func(FuncSlotIndex slot);
  // A guest asks for something. While it starts, it may get what it does not get the next time.
  void note_call() {
    if (!core_->made_) [[unlikely]]
      core_->restorable_ = false;
  }
  abi::Realloc realloc_of(const CanonOptions& options);
  const abi::LinearMemory* memory_of(const CanonOptions& options) const;
  void call_host(const LowerTrampoline& lower, const HostBinding& binding, abi::CoreValue* values);
  void drop_own(abi::ComponentInstance& caller, abi::ResourceIndex resource, std::uint32_t rep);

  // What was done for a guest ended badly: a trap, the next time that the store would run.
  void fail(std::exception_ptr failure) { failure_ = std::move(failure); }

  std::unique_ptr<task::Stack> make(void (*body)(void* env), void* env) override;
  void runs_for(const void* origin) override {
    context_.switch_share(static_cast<host::RequestShare*>(const_cast<void*>(origin)));
  }
  Progress progress();

  // instance_call.cc
  friend class ComponentCaller;
  abi::LiftContext lift_context(const CanonOptions& options);
  abi::LowerContext lower_context(const CanonOptions& options);
  void call_component(const LowerTrampoline& lower, abi::CoreValue* values);
  void call_inline(const LowerTrampoline& lower, const Lift& lift, abi::CoreValue* values);
  void call_task(const LowerTrampoline& lower, const Lift& lift, abi::CoreValue* values);
  void call_core(const wasm::Func& func, std::span<abi::CoreValue> values);
  void run_lifted(task::Task& task, const Lift& lift);
  void post_return(const Lift& lift, std::span<abi::CoreValue> flat);
  void reap();

  // instance_builtins.cc
  void call_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values);
  void task_return(const BuiltinTrampoline& builtin, const abi::CoreValue* values);

  // instance_async.cc
  // Does what may have to wait. Where waiting is sure to trap, what it traps with says so too: that is the likely
  // cause, whichever trap comes first.
  void wait_or_say_why(bool may_wait, const std::function<void()>& operation);
  void call_async_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values);
  void run_callbacks(task::Task& task, const wasm::Func& callback, std::uint32_t packed);
  void wait_for_pending_event(task::Waitable& waitable, const task::Condition& condition);
  std::uint32_t unpack_event(const BuiltinTrampoline& builtin, std::uint32_t ptr, const task::Event& event);
  std::uint32_t waitable_set_wait(const BuiltinTrampoline& builtin, const abi::CoreValue* values);
  std::uint32_t waitable_set_poll(const BuiltinTrampoline& builtin, const abi::CoreValue* values);
  std::uint32_t subtask_cancel(const BuiltinTrampoline& builtin, std::uint32_t index);

  // instance_streams.cc
  void call_stream_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values);
  std::uint64_t new_ends(const BuiltinTrampoline& builtin);
  std::uint32_t copy(const BuiltinTrampoline& builtin, const abi::CoreValue* values);
  std::uint32_t cancel_copy(const BuiltinTrampoline& builtin, std::uint32_t index);
  void drop_end(const BuiltinTrampoline& builtin, std::uint32_t index);
  std::uint32_t error_context_new(const BuiltinTrampoline& builtin, const abi::CoreValue* values);
  void error_context_debug_message(const BuiltinTrampoline& builtin, const abi::CoreValue* values);

  // instance_threads.cc
  void call_thread_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values);
  std::uint32_t thread_new_indirect(const BuiltinTrampoline& builtin, const abi::CoreValue* values);

  // What the members below take: nothing of it is freed before the instance is. Usual instances fit the first block.
  std::array<std::byte, 2048> first_block_;
  std::pmr::monotonic_buffer_resource arena_{first_block_.data(), first_block_.size()};

  std::unique_ptr<CoreState> core_;  // null: end() was called
  const LinkedComponent& component_;
  const LinkPlan& plan_;
  host::RequestContext& context_;
  host::Waker& waker_;
  abi::HandleBudget handle_budget_;
  task::DebugMessages debug_messages_;
  State* states_ = nullptr;
  host::ResourceTable resources_;
  std::pmr::deque<task::ComponentInstance> instances_{&arena_};  // by abi::InstanceIndex
  PassedObjects passed_objects_{*this};
  task::Scheduler scheduler_{*this};
  class Events;
  class InlineTask;
  boost::intrusive_ptr<Events> events_;  // made when there are some
  HostTasks host_tasks_;
  std::exception_ptr failure_;  // of one of those, before anything else of the store runs
  std::optional<FiberStack> first_root_;
  std::list<FiberStack> more_roots_;  // while tasks have taken earlier ones over
  FiberStack* root_ = nullptr;        // the last one that was started
  JobStack::Idle idle_jobs_;
  bool job_wanted_ = false;
  std::list<GuestTask> tasks_;
  std::list<GuestThread> threads_;
};

}  // namespace weft::component
