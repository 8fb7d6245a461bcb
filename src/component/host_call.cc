#include "component/host_call.h"

#include "abi/memory.h"
#include "component/instance.h"

namespace weft::component {

HostCall::HostCall(Instance& in, const LowerTrampoline& called, abi::CoreValue* values)
    : instance(in),
      caller(in.instance_at(called.caller.instance)),
      lower(called),
      lenders(caller.handles),
      lift(in.lift_context(called.caller)),
      flat_params(called.type->params->flat.count()) {
  lift.lenders = &lenders;
  const abi::FuncType& type = *lower.type;
  std::uint32_t given = flat_params;
  if (flat_params > lower.max_flat_params()) [[unlikely]] {
    abi::checked_range(*lift.memory, values[0].i32(), 1, type.params->elem_size(), type.params->alignment(),
                       lift.wording->values);
    params_in_memory = true;
    given = 1;
  }
  if (type.result != nullptr && type.result->flat.count() > lower.max_flat_results()) result_at = values[given].i32();
}

abi::LowerContext HostCall::lower_context() const {
  return instance.lower_context(lower.caller);
}

void HostCall::end(abi::CoreValue* values) {
  instance.context().share().account.bytes_copied += lift.charged() + lowered_bytes;
  if (attended) [[unlikely]]
    return;
  lenders.deliver_resolve();
  if (lower.caller.async) [[unlikely]]
    values[0].set_i32(static_cast<std::uint32_t>(abi::SubtaskState::Phase::returned));
}

}  // namespace weft::component
