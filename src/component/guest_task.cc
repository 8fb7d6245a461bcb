#include "component/guest_task.h"

#include "abi/transfer.h"
#include "component/instance.h"

namespace weft::component {
namespace {

task::TaskKind kind_of(const Lift& lift) {
  return {
      .async_type = lift.type->async, .async_lift = lift.options.async, .callback = lift.options.callback.has_value()};
}

}  // namespace

ComponentCaller::ComponentCaller(Instance& instance, const LowerTrampoline& lower, const Lift& lift,
                                 const abi::CoreValue* values)
    : subtask(new task::Subtask(instance.instance_at(lower.caller.instance))),
      instance_(instance),
      lower_(lower),
      lift_(lift),
      next_(std::span<const abi::CoreValue>(given_).first(0)) {
  const std::uint32_t count = lower.signature().params.count();
  std::copy_n(values, count, given_.begin());
  next_ = abi::CoreValueIter(std::span<const abi::CoreValue>(given_).first(count));
}

void ComponentCaller::start(abi::LowerContext& to, abi::CoreValue* flat) {
  subtask->start();
  abi::LiftContext from = instance_.lift_context(lower_.caller);
  from.lenders = &subtask->lenders;
  abi::prepare_transfer(from, to);
  abi::transfer_flat_values(from, lower_.max_flat_params(), next_, lower_.type->params, to, abi::kMaxFlatParams,
                            std::span(flat, abi::kMaxFlatParams), lift_.type->params);
}

void ComponentCaller::resolve(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) {
  if (lift_.type->result != nullptr) {
    abi::LowerContext to = instance_.lower_context(lower_.caller);
    abi::prepare_transfer(from, to);
    count_ = abi::transfer_flat_values(from, max_flat, values, lift_.type->result, to, lower_.max_flat_results(),
                                       results_, lower_.type->result, &next_);
  }
  subtask->returned();
}

GuestTask::GuestTask(Instance& of, const Lift& lifted, std::unique_ptr<ComponentCaller> by, task::Caller* host)
    : Task(of.scheduler(), of.instance_at(lifted.options.instance), kind_of(lifted),
           by != nullptr ? static_cast<task::Caller*>(by.get()) : host),
      store(of),
      lift(lifted),
      caller(std::move(by)) {}

GuestThread::GuestThread(Instance& in, task::Task* of, task::ComponentInstance& at, wasm::Func start,
                         std::uint32_t given)
    : instance(in),
      rest(of == nullptr ? std::make_unique<task::Task>(in.scheduler(), at, task::TaskKind{}, nullptr) : nullptr),
      thread(of == nullptr ? *rest : *of),
      func(start),
      argument(given) {}

}  // namespace weft::component
