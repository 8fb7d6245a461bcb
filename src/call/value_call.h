// A call of an exported function whose type is known at run time only.
#pragma once

#include <optional>
#include <span>
#include <utility>

#include "abi/lift.h"
#include "abi/lower.h"
#include "abi/value.h"
#include "component/instance.h"

namespace weft::call {

class ValueCall final : public component::ExportCall {
 public:
  // `args`: a record of all parameters, as FuncType::params says.
  explicit ValueCall(abi::Value args) : args_(std::move(args)) {}

  void lower_args(abi::LowerContext& context, const abi::FuncType& type, abi::CoreValue* flat) override {
    abi::lower_flat_values(context, abi::kMaxFlatParams, args_, type.params, std::span(flat, abi::kMaxFlatParams));
  }
  void lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                   abi::CoreValueIter& values) override {
    returned = true;
    if (type.result != nullptr) result = abi::lift_flat_values(context, max_flat, values, type.result);
  }

  bool returned = false;
  std::optional<abi::Value> result;  // once it has returned, of a function that has one

 private:
  abi::Value args_;
};

}  // namespace weft::call
