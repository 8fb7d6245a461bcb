// An instance of a component in a store of its own: the unit that serves a request.
//
// Everything here belongs to one thread. Functions marked [fiber] run on a fiber of the store and throw abi::Trap for
// a guest's fault; after one the instance must not be entered again.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <memory_resource>
#include <span>
#include <utility>
#include <vector>

#include "abi/context.h"
#include "abi/core_value.h"
#include "component/linked.h"
#include "component/task.h"
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

class Instance final : Pinned, public Recycled<Instance> {
 public:
  // `waker` resumes the fiber that waits in this store. `context` and `waker` outlive the instance.
  static Result<std::unique_ptr<Instance>> create(std::shared_ptr<const LinkedComponent> component,
                                                  host::RequestContext& context, host::Waker& waker,
                                                  const wasm::StoreLimits& limits, wasm::TickPolicy* ticks);
  ~Instance();

  // [fiber] Makes the core instances and runs their start functions.
  void instantiate();
  // [fiber] Calls a lifted export (canon lift).
  void call(FuncRef func, ExportCall& call);
  // [fiber] Waits until one of `pollables` is ready. At least one must be given.
  void wait_for(std::span<host::Pollable* const> pollables);
  // [fiber] Waits until `done()`; looked at again whenever `signal` is notified.
  void wait_until(host::Signal& signal, const std::function<bool()>& done);

  wasm::Store& store() { return *store_; }
  host::RequestContext& context() { return context_; }
  host::ResourceTable& resources() { return resources_; }
  // Handles of all its tables, alive now.
  std::uint32_t peak_handles() const { return handle_budget_.peak; }
  const LinkedComponent& component() const { return *component_; }
  // State that services keep for the life of the store, by service.
  template <class T>
  T& state() {
    static const char key = 0;
    for (State* state = states_; state != nullptr; state = state->next) {
      if (state->key == &key) return static_cast<StateOf<T>*>(state)->value;
    }
    auto* made = new (arena_.allocate(sizeof(StateOf<T>), alignof(StateOf<T>))) StateOf<T>();
    made->key = &key;
    made->next = std::exchange(states_, made);
    return made->value;
  }

 private:
  friend class LinkedComponent;
  friend struct HostCall;
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
  struct CoreInstance {
    wasm::Instance instance;
    bool made = false;  // a deferred one is made when it is first needed
  };
  // A core function that lifting or lowering may call back, or that a forward goes on to.
  struct FuncSlot {
    Instance* instance = nullptr;  // none until its step has run
    wasm::Func func;               // none until it is needed, of a deferred instance
  };

  Instance(std::shared_ptr<const LinkedComponent> component, host::RequestContext& context, host::Waker& waker);
  void run(const InstantiateCore& step);
  void run(const ExtractMemory& step);
  void run(const ExtractFunc& step);
  void run(const CallStart& step);
  void make_core(std::uint32_t core_instance);
  wasm::Extern export_of(const LinkedComponent::LinkedItem& item);
  // Traps with "uninitialized element" while there is none.
  const wasm::Func& func_at(FuncSlotIndex slot) {
    if (funcs_[slot].func) [[likely]]
      return funcs_[slot].func;
    return find_func(slot);
  }
  const wasm::Func& find_func(FuncSlotIndex slot);
  abi::Realloc realloc_of(const CanonOptions& options);
  const abi::LinearMemory* memory_of(const CanonOptions& options) const;
  void call_host(const LowerTrampoline& lower, const HostBinding& binding, abi::CoreValue* values);
  void drop_own(abi::ComponentInstance& caller, abi::ResourceIndex resource, std::uint32_t rep);

  // instance_call.cc
  abi::LiftContext lift_context(const CanonOptions& options);
  abi::LowerContext lower_context(const CanonOptions& options);
  void call_component(const LowerTrampoline& lower, abi::CoreValue* values);
  void call_core(const wasm::Func& func, std::span<abi::CoreValue> values);
  void run(Task& task, std::span<abi::CoreValue> flat);
  void post_return(const Lift& lift, std::span<abi::CoreValue> flat);

  // instance_builtins.cc
  void call_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values);
  void task_return(const BuiltinTrampoline& builtin, const abi::CoreValue* values);

  // What the members below take: nothing of it is freed before the instance is. Usual instances fit the first block.
  std::array<std::byte, 3072> first_block_;
  std::pmr::monotonic_buffer_resource arena_{first_block_.data(), first_block_.size()};

  std::shared_ptr<const LinkedComponent> component_;
  const LinkPlan& plan_;
  host::RequestContext& context_;
  host::Waker& waker_;
  abi::HandleBudget handle_budget_;
  State* states_ = nullptr;
  host::ResourceTable resources_;
  std::pmr::deque<abi::ComponentInstance> instances_{&arena_};  // by abi::InstanceIndex
  std::pmr::vector<CoreInstance> core_instances_{&arena_};
  std::pmr::vector<const abi::LinearMemory*> memories_{&arena_};  // by slot
  std::pmr::vector<FuncSlot> funcs_{&arena_};                     // by slot
  Task* current_task_ = nullptr;                                  // that of the innermost call
  std::unique_ptr<wasm::Store> store_;  // last made, first gone: its finalizers need nothing above
};

}  // namespace weft::component
