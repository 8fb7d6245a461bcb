// The canonical built-ins that an instance carries out.
#include "component/builtins.h"
#include "component/instance.h"

namespace weft::component {

void Instance::call_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values) {
  abi::ComponentInstance& caller = instances_[builtin.options.instance];
  switch (builtin.kind) {
    case ast::Builtin::resource_new:
      values[0].set_i32(abi::resource_new(caller, builtin.resource, values[0].i32()));
      return;
    case ast::Builtin::resource_rep:
      values[0].set_i32(abi::resource_rep(caller, builtin.resource, values[0].i32()));
      return;
    case ast::Builtin::resource_drop:
      if (auto rep = abi::resource_drop(caller, builtin.resource, values[0].i32())) {
        drop_own(caller, builtin.resource, *rep);
      }
      return;
    case ast::Builtin::context_get:
      values[0].set_i32(scheduler_.current()->storage[builtin.slot]);
      return;
    case ast::Builtin::context_set:
      scheduler_.current()->storage[builtin.slot] = values[0].i32();
      return;
    case ast::Builtin::backpressure_inc:
      caller.increment_backpressure();
      return;
    case ast::Builtin::backpressure_dec:
      caller.decrement_backpressure();
      return;
    case ast::Builtin::task_return:
      caller.check_may_leave();
      task_return(builtin, values);
      return;
    case ast::Builtin::task_cancel:
      caller.check_may_leave();
      if (!scheduler_.current()->task.kind.async_lift)
        throw abi::Trap("`task.cancel` called in a task that is not asynchronous");
      scheduler_.current()->task.cancel();
      return;
    default:
      call_async_builtin(builtin, values);
  }
}

void Instance::task_return(const BuiltinTrampoline& builtin, const abi::CoreValue* values) {
  task::Task& task = scheduler_.current()->task;
  const Lift* lift = task.kind.async_lift ? &static_cast<const GuestTask&>(task).lift : nullptr;
  const bool fits = lift != nullptr && lift->type->result == builtin.type &&
                    (!builtin.options.memory || lift->options.memory == builtin.options.memory) &&
                    lift->options.string_encoding == builtin.options.string_encoding;
  if (!fits) throw abi::Trap("invalid `task.return` signature and/or options for current task");
  const std::uint32_t flat = builtin.type == nullptr ? 0 : builtin.type->flat.count();
  abi::LiftContext from = lift_context(builtin.options);
  abi::CoreValueIter given(std::span(values, flat > abi::kMaxFlatParams ? 1 : flat));
  task.return_value(from, abi::kMaxFlatParams, given);
}

}  // namespace weft::component
