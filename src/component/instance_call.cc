// Calls of component functions: from the host, and from component to component.
#include <array>

#include "abi/transfer.h"
#include "component/instance.h"

namespace weft::component {
namespace {

// The host's call of an export.
class HostCaller final : public task::Caller {
 public:
  HostCaller(ExportCall& call, const abi::FuncType& type, Instance& instance)
      : call_(call), type_(type), instance_(instance) {}
  void start(abi::LowerContext& to, abi::CoreValue* flat) override {
    call_.lower_args(to, type_, flat);
    instance_.context().share().account.bytes_copied += to.allocated;
  }
  void resolve(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) override {
    call_.lift_result(from, type_, max_flat, values);
    instance_.context().share().account.bytes_copied += from.charged();
  }

 private:
  ExportCall& call_;
  const abi::FuncType& type_;
  Instance& instance_;
};

// A component's call of a function that returns before it does anything else: all of it is on the caller's stack.
class SyncCaller final : public task::Caller {
 public:
  // `given` are the core arguments: the parameters, then where the result goes, if it goes through memory.
  SyncCaller(abi::LiftContext from, abi::LowerContext back, const LowerTrampoline& lower, const Lift& lift,
             abi::CoreValueIter given)
      : from_(from), back_(back), lower_(lower), lift_(lift), given_(given) {}

  void start(abi::LowerContext& to, abi::CoreValue* flat) override {
    abi::prepare_transfer(from_, to);
    abi::transfer_flat_values(from_, lower_.max_flat_params(), given_, lower_.type->params, to, abi::kMaxFlatParams,
                              std::span(flat, abi::kMaxFlatParams), lift_.type->params);
  }
  void resolve(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) override {
    if (lift_.type->result == nullptr) return;
    abi::prepare_transfer(from, back_);
    count_ = abi::transfer_flat_values(from, max_flat, values, lift_.type->result, back_, lower_.max_flat_results(),
                                       flat_, lower_.type->result, &given_);
  }
  std::span<const abi::CoreValue> results() const { return std::span(flat_).first(count_); }

 private:
  abi::LiftContext from_;
  abi::LowerContext back_;
  const LowerTrampoline& lower_;
  const Lift& lift_;
  abi::CoreValueIter given_;
  std::array<abi::CoreValue, abi::kMaxFlatResults> flat_;
  std::uint32_t count_ = 0;
};

class AllThreadsEnded final : public task::Condition {
 public:
  explicit AllThreadsEnded(const task::Task& task) : task_(task) {}
  bool holds() const override { return task_.threads() == 0; }

 private:
  const task::Task& task_;
};

// At the end of the task's implicit thread, however it comes.
class MarkOver : Pinned {
 public:
  explicit MarkOver(GuestTask& made) : made_(made) {}
  ~MarkOver() { made_.over = true; }

 private:
  GuestTask& made_;
};

}  // namespace

abi::LiftContext Instance::lift_context(const CanonOptions& options) {
  return {.memory = memory_of(options),
          .string_encoding = static_cast<abi::StringEncoding>(options.string_encoding),
          .inst = &instances_[options.instance],
          .async_values = &passed_objects_};
}

abi::LowerContext Instance::lower_context(const CanonOptions& options) {
  return {.memory = memory_of(options),
          .realloc = realloc_of(options),
          .string_encoding = static_cast<abi::StringEncoding>(options.string_encoding),
          .inst = &instances_[options.instance],
          .async_values = &passed_objects_};
}

bool Instance::takes_call(FuncRef func) const {
  if (func.kind != FuncRef::Kind::lift || scheduler_.held() || failure_ != nullptr) return false;
  const task::ComponentInstance& callee = instances_[plan_.lifts[func.index].options.instance];
  return callee.backpressure == 0 && callee.num_waiting_to_enter == 0 && callee.exclusive_thread == nullptr;
}

void Instance::cancel(const host::RequestShare& share) {
  const void* const origin = &share == &context_.own_share() ? nullptr : &share;
  for (GuestTask& made : tasks_) {
    // Those that tasks made are theirs to cancel.
    if (made.caller == nullptr && made.origin == origin) made.request_cancellation_later();
  }
}

void Instance::call(FuncRef func, ExportCall& call, host::RequestShare* share) {
  if (func.kind != FuncRef::Kind::lift) throw abi::Trap("the export is an import of the host");
  const Lift& lift = plan_.lifts[func.index];
  HostCaller caller(call, *lift.type, *this);
  if (lift.type->async) {
    GuestTask& made = tasks_.emplace_back(*this, lift, nullptr, &caller);
    made.origin = share;
    const MarkOver over(made);
    scheduler_.adopt(made.implicit_thread, *root_);
    run_lifted(made, lift);
    // Another thread of the task may still return to the caller, who is on this stack.
    const AllThreadsEnded ended(made);
    if (!ended.holds()) scheduler_.wait_until(ended, false);
    return;
  }
  task::ComponentInstance& callee = instances_[lift.options.instance];
  callee.enter_from(nullptr);
  task::Task task(scheduler_, callee, {}, &caller);
  task.origin = share;
  {
    const task::Scheduler::Inline here(scheduler_, task.implicit_thread);
    run_lifted(task, lift);
  }
  callee.leave_to(nullptr);
}

// canon lower of a lifted function.
void Instance::call_component(const LowerTrampoline& lower, abi::CoreValue* values) {
  const Lift& lift = plan_.lifts[lower.callee.index];
  task::ComponentInstance& caller = instances_[lower.caller.instance];
  caller.check_may_leave();
  task::ComponentInstance& callee = instances_[lift.options.instance];
  callee.enter_from(&caller);
  if (lift.type->async)
    wait_or_say_why(!lower.caller.async, [&] { call_task(lower, lift, values); });
  else
    call_inline(lower, lift, values);
}

// The callee runs to its end on this fiber, so the call never waits.
void Instance::call_inline(const LowerTrampoline& lower, const Lift& lift, abi::CoreValue* values) {
  task::ComponentInstance& caller = instances_[lower.caller.instance];
  task::ComponentInstance& callee = instances_[lift.options.instance];
  abi::Lenders lenders(caller.handles);
  abi::LiftContext from = lift_context(lower.caller);
  from.lenders = &lenders;
  SyncCaller call(from, lower_context(lower.caller), lower, lift,
                  abi::CoreValueIter(std::span<const abi::CoreValue>(values, lower.signature().params.count())));
  task::Task task(scheduler_, callee, {}, &call);
  {
    const task::Scheduler::Inline here(scheduler_, task.implicit_thread);
    run_lifted(task, lift);
  }
  callee.leave_to(&caller);
  lenders.deliver_resolve();
  if (lower.caller.async) {
    values[0].set_i32(static_cast<std::uint32_t>(abi::SubtaskState::Phase::returned));
  } else {
    std::copy(call.results().begin(), call.results().end(), values);
  }
}

// The callee runs on a fiber of its own, until it blocks or ends.
void Instance::call_task(const LowerTrampoline& lower, const Lift& lift, abi::CoreValue* values) {
  task::ComponentInstance& caller = instances_[lower.caller.instance];
  task::ComponentInstance& callee = instances_[lift.options.instance];
  if (tasks_.size() >= max_tasks) throw abi::Trap("more than " + std::to_string(max_tasks) + " tasks at a time");
  GuestTask& made =
      tasks_.emplace_back(*this, lift, std::make_unique<ComponentCaller>(*this, lower, lift, values), nullptr);
  const auto call = made.caller.get();
  // Both may be gone when the callee has ended; the subtask is not.
  const boost::intrusive_ptr<task::Subtask> subtask = call->subtask;
  subtask->callee = &made;
  task::Thread& thread = made.implicit_thread;
  scheduler_.prepare(
      thread,
      [](void* env) {
        auto& self = *static_cast<GuestTask*>(env);
        self.store.run_lifted(self, self.lift);
        self.over = true;
      },
      &made);
  made.in_use = true;
  scheduler_.resume(thread);
  callee.leave_to(&caller);
  if (!lower.caller.async) {
    if (!subtask->resolved()) {
      const task::SubtaskResolved resolved(*subtask);
      scheduler_.wait_until(resolved, false);
    }
    subtask->deliver_resolve();
    std::copy(call->results().begin(), call->results().end(), values);
  } else if (subtask->resolved()) {
    subtask->deliver_resolve();
    values[0].set_i32(static_cast<std::uint32_t>(abi::SubtaskState::Phase::returned));
  } else {
    values[0].set_i32(add_subtask(caller, *subtask));
  }
  made.in_use = false;
  reap();
}

// call_and_trap_on_throw of the specification.
void Instance::call_core(const wasm::Func& func, std::span<abi::CoreValue> values) {
  try {
    core_->store_->call(func, values.data(), values.size());
  } catch (const wasm::GuestTrap& trap) {
    if (!trap.is_exception()) throw;
    throw wasm::GuestTrap(trap.code(), "uncaught exception propagated out of component", trap.detail());
  }
}

// thread_func of canon lift.
void Instance::run_lifted(task::Task& task, const Lift& lift) {
  if (!task.enter_implicit_thread()) return;
  abi::LowerContext lower = lower_context(lift.options);
  lower.borrow_scope = &task.borrows;
  FlatValues flat;
  task.start(lower, flat.data());
  call_core(func_at(lift.core_func), flat);
  if (!lift.options.async) {
    abi::LiftContext from = lift_context(lift.options);
    abi::CoreValueIter returned(std::span<const abi::CoreValue>(flat).first(lift.type->lift.results.count()));
    task.return_value(from, abi::kMaxFlatResults, returned);
    post_return(lift, flat);
  } else if (lift.options.callback) {
    run_callbacks(task, func_at(*lift.options.callback), flat[0].i32());
  }
  task.exit_implicit_thread();
}

void Instance::post_return(const Lift& lift, std::span<abi::CoreValue> flat) {
  if (!lift.options.post_return) return;
  abi::ComponentInstance& callee = instances_[lift.options.instance];
  callee.may_leave = false;
  call_core(func_at(*lift.options.post_return), flat);
  callee.may_leave = true;
}

// Those whose last frame is gone.
void Instance::reap() {
  threads_.remove_if([](const GuestThread& made) { return made.over; });
  tasks_.remove_if([](const GuestTask& made) { return made.over && !made.in_use && made.threads() == 0; });
}

}  // namespace weft::component
