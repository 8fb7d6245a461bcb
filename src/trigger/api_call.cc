#include "trigger/api_call.h"

#include <string>

#include "call/to_json.h"
#include "trigger/answer.h"
#include "trigger/function_api.h"

namespace weft::trigger {

void ApiCall::lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                          abi::CoreValueIter& values) {
  call_.lift_result(context, type, max_flat, values);
  if (exchange_->responded() || exchange_->client_gone()) return;
  if (!call_.result) return answer(*exchange_, 204, "", "");
  auto text = call::to_json(*call_.result, type.result);
  if (!text) return answer(*exchange_, 500, "application/json", error_json(text.error().message()));
  answer(*exchange_, 200, "application/json", *std::move(text) + "\n");
}

void ApiCall::answer_failure(telemetry::Limit limit, std::string_view reason) {
  const bool is_late = limit == telemetry::Limit::cpu_time || limit == telemetry::Limit::wall_time;
  std::string text = function_.full_name() + " did not return";
  if (!reason.empty()) text.append(": ").append(reason);
  answer(*exchange_, is_late ? 504 : 500, "application/json", error_json(text));
}

}  // namespace weft::trigger
