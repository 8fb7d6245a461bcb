// The call of wasi:cli/run.
#pragma once

#include "component/instance.h"

namespace weft::command {

// run: func() -> result
class RunCall final : public component::ExportCall {
 public:
  void lower_args(abi::LowerContext&, const abi::FuncType&, abi::CoreValue*) override {}
  void lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                   abi::CoreValueIter& values) override;

  bool succeeded = false;  // it has returned, and no error
};

}  // namespace weft::command
