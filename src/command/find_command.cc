#include "command/find_command.h"

#include <algorithm>
#include <string>
#include <utility>

#include "component/import_track.h"

namespace weft::command {
namespace {

// From the newest on. A release candidate is a track of its own that begins in the same way.
constexpr std::string_view tracks[] = {"wasi:cli/run@0.3", "wasi:cli/run@0.2"};

bool is_of(const std::string& name, std::string_view track) {
  return component::import_track(name).starts_with(track);
}

Result<component::FuncRef> run_of(const component::LinkPlan& plan, const std::string& name,
                                  const component::ExportItem& item) {
  const auto* instance = std::get_if<std::shared_ptr<const component::ExportedInstance>>(&item);
  const component::ExportItem* run = instance == nullptr ? nullptr : (*instance)->find("run");
  const auto* func = run == nullptr ? nullptr : std::get_if<component::FuncRef>(run);
  if (func == nullptr) return fail(Errc::invalid, name + " has no function run");
  const abi::FuncType& type = *plan.type_of(*func);
  const auto has_no_payload = [](const abi::Case& one) { return one.type == nullptr; };
  if (!type.params->fields.empty() || type.result == nullptr || type.result->kind != abi::Kind::result ||
      !std::ranges::all_of(type.result->cases, has_no_payload)) {
    return fail(Errc::invalid, name + "#run has another type than func() -> result");
  }
  return *func;
}

}  // namespace

Result<component::FuncRef> find_command(const component::LinkPlan& plan) {
  for (const std::string_view track : tracks) {
    for (const auto& [name, item] : plan.exports.items) {
      if (is_of(name, track)) return run_of(plan, name, item);
    }
  }
  std::string exports;
  bool serves = false;
  for (const auto& [name, item] : plan.exports.items) {
    if (!exports.empty()) exports += ", ";
    exports += name;
    serves = serves || name.starts_with("wasi:http/incoming-handler@") || name.starts_with("wasi:http/handler@");
  }
  return fail(Errc::invalid, "exports no command (wasi:cli/run); its exports are: " +
                                 (exports.empty() ? std::string("none") : exports) +
                                 (serves ? "; it answers HTTP: weft up" : ""));
}

}  // namespace weft::command
