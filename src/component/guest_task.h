// Calls of functions whose type says that they may block: each a task with a thread on a stack of its own.
#pragma once

#include <array>
#include <memory>

#include "component/plan.h"
#include "task/subtask.h"
#include "task/task.h"
#include "wasm/handles.h"

namespace weft::component {

class Instance;

// Room for core parameters, and for the core results after them.
using FlatValues = std::array<abi::CoreValue, abi::kMaxFlatParams + 1>;

// The call of one component's function by another: what was given is kept until the callee takes it.
class ComponentCaller final : public task::Caller {
 public:
  // `values` are the core arguments; `lift` is what they call.
  ComponentCaller(Instance& instance, const LowerTrampoline& lower, const Lift& lift, const abi::CoreValue* values);

  void start(abi::LowerContext& to, abi::CoreValue* flat) override;
  void resolve(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) override;
  void resolve_cancelled() override { subtask->cancelled(); }

  const boost::intrusive_ptr<task::Subtask> subtask;
  std::span<const abi::CoreValue> results() const { return std::span(results_).first(count_); }

 private:
  Instance& instance_;
  const LowerTrampoline& lower_;
  const Lift& lift_;
  FlatValues given_;
  abi::CoreValueIter next_;  // of what is given: arguments, then where the result goes
  std::array<abi::CoreValue, abi::kMaxFlatResults> results_;
  std::uint32_t count_ = 0;
};

// Lives from the call until its last thread has ended. Its frames go before it does.
struct GuestTask final : task::Task, task::Subtask::Callee {
  GuestTask(Instance& of, const Lift& lifted, std::unique_ptr<ComponentCaller> by, task::Caller* host);

  void on_cancel(task::ComponentInstance* from) override { request_cancellation(from); }

  Instance& store;
  const Lift& lift;
  const std::unique_ptr<ComponentCaller> caller;  // null: the host calls
  bool over = false;                              // its implicit thread has ended
  bool in_use = false;                            // by whoever called
};

// A thread that a guest made (thread.new-indirect).
struct GuestThread final : Pinned {
  // `of` is null for a task that may be gone before the thread is: that of a synchronous call. It has a result by then.
  GuestThread(Instance& in, task::Task* of, task::ComponentInstance& at, wasm::Func start, std::uint32_t given);

  Instance& instance;
  const std::unique_ptr<task::Task> rest;  // in place of such a task
  task::Thread thread;
  const wasm::Func func;
  const std::uint32_t argument;
  bool over = false;
};

}  // namespace weft::component
