// Calls of component functions: from the host, and from component to component.
#include <array>

#include "abi/transfer.h"
#include "component/instance.h"
#include "gaps/gaps.h"

namespace weft::component {
namespace {

using FlatValues = std::array<abi::CoreValue, abi::kMaxFlatParams + 1>;

// Gives the result to the host.
class ToHost final : public TaskResult {
 public:
  ToHost(ExportCall& call, const abi::FuncType& type, host::Account& account)
      : call_(call), type_(type), account_(account) {}
  void take(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) override {
    call_.lift_result(from, type_, max_flat, values);
    account_.bytes_copied += from.charged();
  }

 private:
  ExportCall& call_;
  const abi::FuncType& type_;
  host::Account& account_;
};

// Copies the result straight into the caller.
class ToCaller final : public TaskResult {
 public:
  // `given` are the core arguments that the parameters left: where the result goes, if it goes through memory.
  ToCaller(abi::LowerContext to, const LowerTrampoline& lower, const abi::FuncType& type, abi::CoreValueIter& given)
      : to_(to), lower_(lower), type_(type), given_(given) {}

  void take(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) override {
    if (type_.result == nullptr) return;
    abi::prepare_transfer(from, to_);
    count_ =
        abi::transfer_flat_values(from, max_flat, values, type_.result, to_,
                                  lower_.caller.async ? 0 : abi::kMaxFlatResults, flat_, lower_.type->result, &given_);
  }
  std::span<const abi::CoreValue> flat() const { return std::span(flat_).first(count_); }

 private:
  abi::LowerContext to_;
  const LowerTrampoline& lower_;
  const abi::FuncType& type_;
  abi::CoreValueIter& given_;
  std::array<abi::CoreValue, abi::kMaxFlatResults> flat_;
  std::uint32_t count_ = 0;
};

// What would have to wait for another call.
void check_at_once(const Lift& lift, const abi::ComponentInstance& callee) {
  if (lift.options.callback)
    throw abi::Trap(
        gaps::refuse(gaps::Gap::asynchronous_calls, "asynchronous component functions with a callback").message());
  if (lift.type->async && callee.backpressure > 0)
    throw abi::Trap(gaps::refuse(gaps::Gap::asynchronous_calls, "waiting for backpressure to end").message());
}

}  // namespace

abi::LiftContext Instance::lift_context(const CanonOptions& options) {
  return {.memory = memory_of(options),
          .string_encoding = static_cast<abi::StringEncoding>(options.string_encoding),
          .inst = &instances_[options.instance]};
}

abi::LowerContext Instance::lower_context(const CanonOptions& options) {
  return {.memory = memory_of(options),
          .realloc = realloc_of(options),
          .string_encoding = static_cast<abi::StringEncoding>(options.string_encoding),
          .inst = &instances_[options.instance]};
}

void Instance::call(FuncRef func, ExportCall& call) {
  if (func.kind != FuncRef::Kind::lift) throw abi::Trap("the export is an import of the host");
  const Lift& lift = plan_.lifts[func.index];
  abi::ComponentInstance& callee = instances_[lift.options.instance];
  callee.enter_from(nullptr);
  check_at_once(lift, callee);
  ToHost result(call, *lift.type, context_.account);
  Task task(current_task_, &lift, &result);
  abi::LowerContext lower = lower_context(lift.options);
  lower.borrow_scope = &task.borrows;
  FlatValues flat;
  call.lower_args(lower, *lift.type, flat.data());
  context_.account.bytes_copied += lower.allocated;
  run(task, flat);
  callee.leave_to(nullptr);
}

// canon lower of a lifted function. The callee runs to its end on this fiber, so the call never waits.
void Instance::call_component(const LowerTrampoline& lower, abi::CoreValue* values) {
  const Lift& lift = plan_.lifts[lower.callee.index];
  const bool async = lower.caller.async;
  abi::ComponentInstance& caller = instances_[lower.caller.instance];
  caller.check_may_leave();
  abi::ComponentInstance& callee = instances_[lift.options.instance];
  callee.enter_from(&caller);
  check_at_once(lift, callee);

  // The core arguments: flat parameters, and pointers for what is not flat.
  const abi::CoreSignature& signature = async ? lower.type->lower_async : lower.type->lower;
  abi::CoreValueIter given(std::span<const abi::CoreValue>(values, signature.params.count()));
  ToCaller result(lower_context(lower.caller), lower, *lift.type, given);
  Task task(current_task_, &lift, &result);
  abi::Lenders lenders(caller.handles);
  abi::LiftContext from = lift_context(lower.caller);
  from.lenders = &lenders;
  abi::LowerContext to = lower_context(lift.options);
  to.borrow_scope = &task.borrows;
  abi::prepare_transfer(from, to);
  FlatValues flat;
  abi::transfer_flat_values(from, async ? abi::kMaxFlatAsyncParams : abi::kMaxFlatParams, given, lower.type->params, to,
                            abi::kMaxFlatParams, flat, lift.type->params);
  run(task, flat);
  callee.leave_to(&caller);
  lenders.deliver_resolve();
  if (async) {
    values[0].set_i32(static_cast<std::uint32_t>(abi::SubtaskState::Phase::returned));
  } else {
    std::copy(result.flat().begin(), result.flat().end(), values);
  }
}

// call_and_trap_on_throw of the specification.
void Instance::call_core(const wasm::Func& func, std::span<abi::CoreValue> values) {
  try {
    store_->call(func, values.data(), values.size());
  } catch (const wasm::GuestTrap& trap) {
    if (!trap.is_exception()) throw;
    throw wasm::GuestTrap(trap.code(), "uncaught exception propagated out of component", trap.detail());
  }
}

void Instance::run(Task& task, std::span<abi::CoreValue> flat) {
  const Lift& lift = *task.lift;
  call_core(func_at(lift.core_func), flat);
  if (!lift.options.async) {
    abi::LiftContext from = lift_context(lift.options);
    abi::CoreValueIter returned(flat.first(lift.type->lift.results.count()));
    task.return_value(from, abi::kMaxFlatResults, returned);
    post_return(lift, flat);
  }
  task.exit();
}

void Instance::post_return(const Lift& lift, std::span<abi::CoreValue> flat) {
  if (!lift.options.post_return) return;
  abi::ComponentInstance& callee = instances_[lift.options.instance];
  callee.may_leave = false;
  call_core(func_at(*lift.options.post_return), flat);
  callee.may_leave = true;
}

}  // namespace weft::component
