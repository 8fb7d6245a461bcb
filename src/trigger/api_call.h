// One call of an exported function for an HTTP request.
#pragma once

#include <memory>
#include <string_view>

#include "call/functions.h"
#include "call/value_call.h"
#include "http/exchange.h"
#include "telemetry/http_metrics.h"

namespace weft::trigger {

// Answers as soon as the function has returned: it may go on working afterwards.
class ApiCall final : public component::ExportCall {
 public:
  // The function outlives the call.
  ApiCall(const call::Function& function, abi::Value arguments, std::shared_ptr<http::Exchange> exchange)
      : function_(function), call_(std::move(arguments)), exchange_(std::move(exchange)) {}

  component::FuncRef func() const { return function_.func; }
  void lower_args(abi::LowerContext& context, const abi::FuncType& type, abi::CoreValue* flat) override {
    call_.lower_args(context, type, flat);
  }
  void lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                   abi::CoreValueIter& values) override;
  // Says that it did not return: 504 when its time was over, else 500. `reason`: "" if there is none to tell.
  void answer_failure(telemetry::Limit limit, std::string_view reason);

 private:
  const call::Function& function_;
  call::ValueCall call_;
  const std::shared_ptr<http::Exchange> exchange_;
};

}  // namespace weft::trigger
