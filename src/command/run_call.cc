#include "command/run_call.h"

#include "abi/lift.h"

namespace weft::command {

void RunCall::lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                          abi::CoreValueIter& values) {
  succeeded = abi::lift_flat_values(context, max_flat, values, type.result).as<abi::Variant>()->case_index == 0;
}

}  // namespace weft::command
