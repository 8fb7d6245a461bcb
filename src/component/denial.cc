#include "component/denial.h"

#include <algorithm>
#include <array>

#include "abi/lift.h"
#include "abi/lower.h"
#include "component/host_call.h"
#include "component/instance.h"

namespace weft::component {
namespace {

// Cases of errors that say it, the fittest first: Spin's, WASI's and their like.
constexpr std::string_view denials[] = {"access-denied",       "destination-not-allowed",
                                        "model-not-supported", "internal-error",
                                        "undefined",           "other",
                                        "other-error",         "io",
                                        "invalid-address",     "error"};

// What a case carries.
std::optional<abi::Value> payload_of(const abi::Case& c, const std::string& message, std::string_view subject) {
  const std::string& text = c.label == "undefined" && !subject.empty() ? std::string(subject) : message;
  if (c.type->kind == abi::Kind::string) return abi::Value(text);
  if (c.type->kind == abi::Kind::option && c.type->cases[1].type->kind == abi::Kind::string) {
    return abi::Value(abi::Variant(1, abi::Value(text)));
  }
  return std::nullopt;
}

std::optional<abi::Value> error_of(abi::TypeRef type, const std::string& message, std::string_view subject) {
  if (type->kind == abi::Kind::string) return abi::Value(message);
  if (type->kind != abi::Kind::variant && type->kind != abi::Kind::enumeration) return std::nullopt;
  for (const std::string_view label : denials) {
    const auto found = std::ranges::find(type->cases, label, &abi::Case::label);
    if (found == type->cases.end()) continue;
    const auto index = static_cast<std::uint32_t>(found - type->cases.begin());
    if (found->type == nullptr) return abi::Value(abi::Variant(index));
    if (auto payload = payload_of(*found, message, subject)) {
      return abi::Value(abi::Variant(index, *std::move(payload)));
    }
  }
  return std::nullopt;
}

// The host's objects among arguments that were handed over.
void drop_owned(const abi::Value& value, host::ResourceTable& resources) {
  if (const auto* resource = value.as<abi::Resource>(); resource != nullptr && resource->own) {
    resources.take(resource->rep);
  } else if (const auto* record = value.as<abi::Record>()) {
    for (const abi::Value& field : record->fields) drop_owned(field, resources);
  } else if (const auto* list = value.as<abi::List>()) {
    for (const abi::Value& element : list->elements) drop_owned(element, resources);
  } else if (const auto* variant = value.as<abi::Variant>(); variant != nullptr && variant->payload != nullptr) {
    drop_owned(*variant->payload, resources);
  }
}

// The first argument that is text.
std::string_view subject_of(const abi::Value& arguments) {
  for (const abi::Value& argument : arguments.as<abi::Record>()->fields) {
    if (const auto* text = argument.as<std::string>()) return *text;
  }
  return {};
}

void log_denial(host::RequestContext& context, const HostFunc& func) {
  ++context.share().account.denials;
  if (context.log) context.log("denied " + func.interface + "#" + func.name + ": " + func.denial);
}

}  // namespace

std::optional<abi::Value> denied_result(const abi::FuncType& type, std::string_view interface,
                                        std::string_view subject) {
  if (type.result == nullptr) return std::nullopt;
  const abi::Type& result = *type.result;
  if (result.kind == abi::Kind::list) return abi::make_list(result.element, {});
  if (result.kind == abi::Kind::option) return abi::Value(abi::Variant(0));
  if (result.kind != abi::Kind::result) return std::nullopt;
  if (result.cases[1].type == nullptr) return abi::Value(abi::Variant(1));
  // In Spin's words.
  const std::string message = "\"" + std::string(interface.substr(0, interface.find('@'))) + "\" is not permitted";
  auto error = error_of(result.cases[1].type, message, subject);
  if (!error) return std::nullopt;
  return abi::Value(abi::Variant(1, *std::move(error)));
}

void deny_call(const void*, HostCall& call, abi::CoreValue* values) {
  const HostFunc& func = call.instance.component().plan().host_funcs[call.lower.callee.index];
  const abi::FuncType& type = *call.lower.type;
  log_denial(call.instance.context(), func);
  const auto no_answer = [&] {
    return abi::Trap("the component calls " + func.interface + "#" + func.name + ": " + func.denial);
  };
  // Nobody would let go of a stream, a future or an error context.
  if (type.params->contains_async_value) throw no_answer();
  abi::CoreValueIter given(std::span<const abi::CoreValue>(values, call.lower.signature().params.count()));
  const abi::Value arguments = abi::lift_flat_values(call.lift, call.lower.max_flat_params(), given, type.params);
  drop_owned(arguments, call.instance.resources());
  const auto result = denied_result(type, func.interface, subject_of(arguments));
  if (!result) throw no_answer();
  abi::LowerContext to = call.lower_context();
  std::array<abi::CoreValue, abi::kMaxFlatResults> flat;
  const std::uint32_t count =
      abi::lower_flat_values(to, call.lower.max_flat_results(), *result, type.result, flat, &given);
  if (!call.lower.caller.async) std::copy_n(flat.begin(), count, values);
}

}  // namespace weft::component
