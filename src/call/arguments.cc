#include "call/arguments.h"

#include <algorithm>
#include <string>
#include <vector>

#include "call/from_json.h"
#include "call/json_text.h"
#include "manifest/identifier.h"

namespace weft::call {
namespace {

using nlohmann::json;

std::string counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

// Whether an object stands for the arguments, and is not the only one of them.
bool is_by_name(const json& object, const abi::FuncType& type) {
  const auto& params = type.params->fields;
  if (params.size() != 1 || !may_be_object(params.front().type)) return true;
  return object.size() == 1 && object.contains(params.front().label);
}

Read<abi::Value> by_name(const json& object, const abi::FuncType& type) {
  std::vector<std::string> names;
  for (const abi::Field& param : type.params->fields) names.push_back(param.label);
  for (const auto& [name, unused] : object.items()) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string hint = manifest::suggest(name, names);
    return std::unexpected(
        Mistake{member(name), "there is no such parameter" + (hint.empty() ? ": it has none" : "; " + hint)});
  }
  for (const abi::Field& param : type.params->fields) {
    if (param.type->kind != abi::Kind::option && !object.contains(param.label))
      return mistaken("the parameter " + param.label + " is missing: " + abi::to_string(param.type));
  }
  return from_json(object, type.params);
}

}  // namespace

Read<abi::Value> arguments_of(const json& all, const abi::FuncType& type) {
  const auto& params = type.params->fields;
  if (all.is_object() && is_by_name(all, type)) return by_name(all, type);
  const bool is_one = params.size() == 1 && (!all.is_array() || may_be_array(params.front().type));
  if (is_one) return arguments_of(std::span(&all, 1), type);
  if (all.is_array()) return arguments_of(std::span(all.get_ref<const json::array_t&>()), type);
  return mistaken("expected " + counted(params.size()) +
                  ", as an array or as an object with the parameters' names, found " + shown(all));
}

Read<abi::Value> arguments_of(std::span<const json> each, const abi::FuncType& type) {
  const auto& params = type.params->fields;
  if (each.size() != params.size())
    return mistaken("expected " + counted(params.size()) + ", found " + std::to_string(each.size()));
  abi::Record made;
  for (std::size_t i = 0; i < params.size(); ++i) {
    auto one = from_json(each[i], params[i].type);
    if (!one) return std::unexpected(std::move(one).error().inside(member(params[i].label)));
    made.fields.push_back(*std::move(one));
  }
  return abi::Value(std::move(made));
}

}  // namespace weft::call
