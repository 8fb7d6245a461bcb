// Calls from component to component: canon lower of a lifted function, both synchronous.
#include <array>

#include "abi/transfer.h"
#include "component/instance.h"

namespace weft::component {

void Instance::call_component(const LowerTrampoline& lower, abi::CoreValue* values) {
  const Lift& lift = plan_.lifts[lower.callee.index];
  const abi::FuncType& type = *lift.type;
  abi::ComponentInstance& caller = instances_[lower.caller.instance];
  abi::ComponentInstance& callee = instances_[lift.options.instance];
  callee.enter_from(&caller);

  abi::Lenders lenders(caller.handles);
  abi::BorrowScope scope;
  abi::LiftContext args_from{.memory = memory_of(lower.caller),
                             .string_encoding = static_cast<abi::StringEncoding>(lower.caller.string_encoding),
                             .inst = &caller,
                             .lenders = &lenders,
                             .budget = abi::kMaxTransferBytes,
                             .wording = &abi::kComponentWording};
  abi::LowerContext args_to{.memory = memory_of(lift.options),
                            .realloc = realloc_of(lift.options),
                            .string_encoding = static_cast<abi::StringEncoding>(lift.options.string_encoding),
                            .inst = &callee,
                            .borrow_scope = &scope,
                            .wording = &abi::kComponentWording};
  // The core arguments of the lowered function: its flat parameters, and a pointer for a result that is not flat.
  abi::CoreValueIter given(std::span<const abi::CoreValue>(values, lower.type->lower.params.count()));
  std::array<abi::CoreValue, abi::kMaxFlatParams + 1> flat;
  abi::transfer_flat_values(args_from, abi::kMaxFlatParams, given, lower.type->params, args_to, abi::kMaxFlatParams,
                            flat, type.params);

  store_->call(funcs_[lift.core_func].func, flat.data(), flat.size());

  scope.check_returned();
  if (type.result != nullptr) {
    abi::LiftContext result_from{.memory = memory_of(lift.options),
                                 .string_encoding = static_cast<abi::StringEncoding>(lift.options.string_encoding),
                                 .inst = &callee,
                                 .budget = abi::kMaxTransferBytes,
                                 .wording = &abi::kComponentWording};
    abi::LowerContext result_to{.memory = memory_of(lower.caller),
                                .realloc = realloc_of(lower.caller),
                                .string_encoding = static_cast<abi::StringEncoding>(lower.caller.string_encoding),
                                .inst = &caller,
                                .wording = &abi::kComponentWording};
    abi::CoreValueIter returned(std::span<const abi::CoreValue>(flat.data(), lift.type->lift.results.count()));
    std::array<abi::CoreValue, abi::kMaxFlatResults> out;
    const std::uint32_t count =
        abi::transfer_flat_values(result_from, abi::kMaxFlatResults, returned, type.result, result_to,
                                  abi::kMaxFlatResults, out, lower.type->result, &given);
    std::copy_n(out.begin(), count, values);
  }
  post_return(lift, flat.data());
  callee.leave_to(&caller);
  lenders.deliver_resolve();
}

}  // namespace weft::component
