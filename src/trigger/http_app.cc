#include "trigger/http_app.h"

#include "component/import_track.h"

namespace weft::trigger {

Result<component::FuncRef> find_http_handler(const component::LinkPlan& plan) {
  std::string exports;
  for (const auto& [name, item] : plan.exports.items) {
    if (!exports.empty()) exports += ", ";
    exports += name;
    if (component::import_track(name) != "wasi:http/incoming-handler@0.2") continue;
    const auto* instance = std::get_if<std::shared_ptr<const component::ExportedInstance>>(&item);
    const component::ExportItem* handle = instance == nullptr ? nullptr : (*instance)->find("handle");
    const auto* func = handle == nullptr ? nullptr : std::get_if<component::FuncRef>(handle);
    if (func == nullptr) return fail(Errc::invalid, name + " has no function handle");
    const abi::FuncType& type = *plan.type_of(*func);
    const auto& params = type.params->fields;
    if (params.size() != 2 || params[0].type->kind != abi::Kind::own || params[1].type->kind != abi::Kind::own ||
        type.result != nullptr) {
      return fail(Errc::invalid, name + "#handle has another type than func(incoming-request, response-outparam)");
    }
    return *func;
  }
  return fail(Errc::invalid, "exports no HTTP handler (wasi:http/incoming-handler@0.2); its exports are: " +
                                 (exports.empty() ? std::string("none") : exports));
}

}  // namespace weft::trigger
