#include "call/functions.h"

#include <algorithm>
#include <memory>

#include "call/from_json.h"
#include "gaps/gaps.h"
#include "manifest/identifier.h"

namespace weft::call {
namespace {

// Parts of a type that are named.
constexpr int max_searched_depth = 100;

// What of a type JSON does not have: "the resource pollable", "a stream".
std::string other_than_json(abi::TypeRef type, const component::LinkPlan& plan, int depth = 0) {
  if (type == nullptr || !type->contains_handle || depth > max_searched_depth) return {};
  switch (type->kind) {
    case abi::Kind::own:
    case abi::Kind::borrow: {
      // Those that the component defines have no names in its plan.
      const std::string& name = plan.resources[static_cast<std::size_t>(type->resource)].name;
      return name.empty() ? "a resource" : "the resource " + name;
    }
    case abi::Kind::stream:
    case abi::Kind::future:
      return "a " + std::string(abi::to_string(type->kind));
    case abi::Kind::error_context:
      return "an error-context";
    default:
      break;
  }
  std::string found = other_than_json(type->element, plan, depth + 1);
  for (const abi::Field& field : type->fields) {
    if (found.empty()) found = other_than_json(field.type, plan, depth + 1);
  }
  for (const abi::Case& each : type->cases) {
    if (found.empty()) found = other_than_json(each.type, plan, depth + 1);
  }
  return found;
}

std::string refusal_of(const component::LinkPlan& plan, component::FuncRef func, const abi::FuncType& type) {
  if (func.kind != component::FuncRef::Kind::lift) return "it is an import of the component, passed on";
  for (const abi::Field& param : type.params->fields) {
    if (!is_json(param.type)) return "its parameter " + param.label + " has " + other_than_json(param.type, plan);
  }
  if (!is_json(type.result)) return "its result has " + other_than_json(type.result, plan);
  return {};
}

std::string_view without_version(std::string_view interface) {
  return interface.substr(0, interface.find('@'));
}
// "echo" of "weft:values/echo@1.2.0".
std::string_view short_name(std::string_view interface) {
  interface = without_version(interface);
  const auto slash = interface.rfind('/');
  return slash == std::string_view::npos ? interface : interface.substr(slash + 1);
}

bool is_of(const Function& function, std::string_view interface) {
  return !function.interface.empty() &&
         (interface == function.interface || interface == without_version(function.interface) ||
          interface == short_name(function.interface));
}

// "a, b, c"; not more than people read.
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > most ? text + ", ..." : text;
}

}  // namespace

std::string Function::full_name(char separator) const {
  return interface.empty() ? name : interface + separator + name;
}

std::vector<Function> functions_of(const component::LinkPlan& plan) {
  std::vector<Function> functions;
  const auto add = [&](const std::string& interface, const std::string& name, const component::ExportItem& item) {
    const auto* func = std::get_if<component::FuncRef>(&item);
    if (func == nullptr) return;
    const abi::FuncType* type = plan.type_of(*func);
    functions.push_back(
        {.interface = interface, .name = name, .func = *func, .type = type, .refusal = refusal_of(plan, *func, *type)});
  };
  for (const auto& [name, item] : plan.exports.items) {
    add({}, name, item);
    if (const auto* instance = std::get_if<std::shared_ptr<const component::ExportedInstance>>(&item)) {
      for (const auto& [inner_name, inner] : (*instance)->items) add(name, inner_name, inner);
    }
  }
  return functions;
}

Result<const Function*> find_function(std::span<const Function> functions, std::string_view name, char separator) {
  const auto split = name.rfind(separator);
  const bool has_interface = split != std::string_view::npos;
  const std::string_view interface = has_interface ? name.substr(0, split) : std::string_view();
  const std::string_view wanted = has_interface ? name.substr(split + 1) : name;
  std::vector<const Function*> found;
  bool exact = false;
  for (const Function& function : functions) {
    if (function.name != wanted || (has_interface && !is_of(function, interface))) continue;
    // A full name means one, whatever others are called in short.
    const bool is_exact = function.interface == interface;
    if (is_exact && !exact) found.clear();
    if (is_exact || !exact) found.push_back(&function);
    exact = exact || is_exact;
  }
  if (found.size() == 1) return found.front();
  std::vector<std::string> names;
  if (!found.empty()) {
    for (const Function* each : found) names.push_back(each->full_name(separator));
    return fail(Errc::invalid, std::string(name) + " may be any of " + listed(names) + ": write more of its name");
  }
  // The nearest in the way that it was written.
  std::vector<std::string> written;
  for (const Function& each : functions) {
    names.push_back(each.full_name(separator));
    if (!has_interface)
      written.push_back(each.name);
    else if (interface.contains('@'))
      written.push_back(each.full_name(separator));
    else
      written.push_back(
          std::string(interface.contains('/') ? without_version(each.interface) : short_name(each.interface)) +
          separator + each.name);
  }
  const std::string hint = manifest::suggest(name, written, names);
  return fail(Errc::not_found, "the component exports no function " + std::string(name) + "; " +
                                   (hint.empty() ? "it exports none at all" : hint));
}

Error refused(const Function& function) {
  return gaps::refuse(gaps::Gap::call_with_handles,
                      function.full_name() + ": " + function.refusal + ", which JSON cannot say");
}

}  // namespace weft::call
