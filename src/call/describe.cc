#include "call/describe.h"

namespace weft::call {

nlohmann::ordered_json described(const Function& function, const std::string& signature) {
  nlohmann::ordered_json made;
  made["function"] = function.full_name();
  made["wit"] = signature;
  made["params"] = nlohmann::json::array();
  for (const abi::Field& param : function.type->params->fields)
    made["params"].push_back({{"name", param.label}, {"type", abi::to_string(param.type)}});
  if (function.type->result != nullptr) made["result"] = abi::to_string(function.type->result);
  if (!function.refusal.empty()) made["refused"] = function.refusal;
  return made;
}

}  // namespace weft::call
