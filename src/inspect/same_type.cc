#include "inspect/same_type.h"

#include <algorithm>
#include <vector>

#include "component/import_track.h"

namespace weft::inspect {
namespace {

using component::ValueType;
using wit_source::At;
using wit_source::Type;
using wit_source::TypeDef;
using Kind = Type::Kind;

// As it is written.
std::string text_of(const Type* type) {
  if (type == nullptr) return "_";
  std::string text = type->name;
  if (type->kind == Kind::borrow || type->kind == Kind::own)
    return (type->kind == Kind::borrow ? "borrow<" : "own<") + type->name + ">";
  for (std::size_t i = 0; i < type->arguments.size(); ++i)
    text += (i == 0 ? "<" : ", ") + text_of(type->arguments[i].get());
  if (type->kind == Kind::fixed_list) text += ", " + std::to_string(type->length);
  return type->arguments.empty() ? text : text + ">";
}

// "{ a, b, c }", each as `one` says it; not more than people read.
std::string listed(const auto& parts, const auto& one) {
  constexpr std::size_t most = 8;
  std::string text = "{ ";
  for (std::size_t i = 0; i < parts.size() && i < most; ++i) text += (i == 0 ? "" : ", ") + std::string(one(parts[i]));
  return text + (parts.size() > most ? ", ... }" : " }");
}

// What a component has for it: deep enough to know it by.
std::string text_of(const ValueType* type, int depth = 0) {
  if (type == nullptr) return "_";
  constexpr int deepest = 3;
  const std::string name(component::describe(*type));
  if (depth == deepest) return name;
  const auto inner = [&](const ValueType* part) { return text_of(part, depth + 1); };
  const auto field = [&](const component::Field& each) { return each.label + ": " + inner(each.type); };
  const auto one_case = [&](const component::Case& each) {
    return each.type == nullptr ? each.label : each.label + "(" + inner(each.type) + ")";
  };
  const auto label = [](const std::string& each) { return each; };
  if (const auto* list = std::get_if<component::ListType>(&type->shape))
    return "list<" + inner(list->element) + (list->length ? ", " + std::to_string(*list->length) : "") + ">";
  if (const auto* map = std::get_if<component::MapType>(&type->shape))
    return "map<" + inner(map->key) + ", " + inner(map->value) + ">";
  if (const auto* option = std::get_if<component::OptionType>(&type->shape))
    return "option<" + inner(option->type) + ">";
  if (const auto* result = std::get_if<component::ResultType>(&type->shape))
    return "result<" + inner(result->ok) + ", " + inner(result->error) + ">";
  if (const auto* record = std::get_if<component::RecordType>(&type->shape))
    return name + " " + listed(record->fields, field);
  if (const auto* variant = std::get_if<component::VariantType>(&type->shape))
    return name + " " + listed(variant->cases, one_case);
  if (const auto* flags = std::get_if<component::FlagsType>(&type->shape))
    return name + " " + listed(flags->labels, label);
  if (const auto* names = std::get_if<component::EnumType>(&type->shape))
    return name + " " + listed(names->labels, label);
  if (const auto* tuple = std::get_if<component::TupleType>(&type->shape))
    return name + " " + listed(tuple->types, inner);
  return name;
}

Mismatch parted(const std::string& wanted, const std::string& found, At at) {
  return {.path = {}, .detail = "the world has " + wanted + ", the component " + found, .at = at};
}

// Their labels, one by one.
template <class Parts, class Label>
std::optional<Mismatch> compare_labels(const TypeDef& wanted, const Parts& found, Label label) {
  const auto wanted_label = [](const wit_source::Field& field) { return field.name; };
  for (std::size_t i = 0; i < std::max(wanted.fields.size(), found.size()); ++i) {
    if (i < wanted.fields.size() && i < found.size() && wanted.fields[i].name == label(found[i])) continue;
    return parted(wanted.name + " " + listed(wanted.fields, wanted_label), listed(found, label),
                  i < wanted.fields.size() ? wanted.fields[i].at : wanted.at);
  }
  return std::nullopt;
}

}  // namespace

TypeComparison::TypeComparison(const component::ComponentType& component, const wit_source::Packages& packages)
    : packages_(packages) {
  for (const auto* items : {&component.imports, &component.exports}) {
    name_resources({}, *items);
    for (const component::ExternItem& item : *items) {
      if (const auto* instance = std::get_if<const component::InstanceType*>(&item.type))
        name_resources(item.name.name, (*instance)->exports);
    }
  }
}

// Whoever has it first defines it: later ones use it.
void TypeComparison::name_resources(const std::string& owner, const component::ExternItems& items) {
  for (const component::ExternItem& item : items) {
    const auto* type = std::get_if<component::TypeItem>(&item.type);
    if (type == nullptr) continue;
    if (const auto* resource = std::get_if<const component::ResourceType*>(&type->type))
      resources_.try_emplace((*resource)->id, owner, item.name.name);
  }
}

TypeComparison::Compared TypeComparison::compare(const wit_source::Scope& scope, const wit_source::Func& wanted,
                                                 const component::FuncType& found) {
  const auto kind = [](bool is_async) { return std::string(is_async ? "an async func" : "a func"); };
  if (wanted.is_async != found.async) return parted(kind(wanted.is_async), kind(found.async), wanted.at);
  const std::size_t both = std::min(wanted.params.size(), found.params.size());
  for (std::size_t i = 0; i < both; ++i) {
    const wit_source::Field& param = wanted.params[i];
    if (param.name != found.params[i].label)
      return parted("the parameter " + param.name, found.params[i].label, param.at);
    TRY(auto mismatch, compare(scope, param.type.get(), found.params[i].type, param.at));
    if (mismatch) return std::move(*mismatch).inside("parameter " + param.name);
  }
  if (wanted.params.size() != found.params.size())
    return parted(std::to_string(wanted.params.size()) + " parameters", std::to_string(found.params.size()), wanted.at);
  TRY(auto mismatch, compare(scope, wanted.result.get(), found.result, wanted.at));
  if (mismatch) return std::move(*mismatch).inside("result");
  return std::nullopt;
}

TypeComparison::Compared TypeComparison::compare(const wit_source::Scope& scope, const Type* wanted,
                                                 const ValueType* found, At at) {
  if (wanted == nullptr && found == nullptr) return std::nullopt;
  if (wanted == nullptr) return parted("none", text_of(found), at);
  if (found == nullptr) return parted(text_of(wanted), "none", wanted->at);
  if (wanted->kind == Kind::name) {
    TRY(const wit_source::Definition definition, packages_.find_type(scope, wanted->name, wanted->at));
    return compare(definition, *found, wanted->at);
  }
  if (wanted->kind == Kind::borrow || wanted->kind == Kind::own) {
    const auto* borrow = std::get_if<component::BorrowType>(&found->shape);
    const auto* own = std::get_if<component::OwnType>(&found->shape);
    if (wanted->kind == Kind::borrow ? borrow == nullptr : own == nullptr)
      return parted(text_of(wanted), text_of(found), wanted->at);
    return compare_resource(scope, wanted->name, borrow != nullptr ? borrow->resource : own->resource, wanted->at);
  }
  return compare_parts(scope, *wanted, *found);
}

TypeComparison::Compared TypeComparison::compare_parts(const wit_source::Scope& scope, const Type& wanted,
                                                       const ValueType& found) {
  const auto differ = [&]() -> Compared { return parted(text_of(&wanted), text_of(&found), wanted.at); };
  // The types inside of it, in order; null for none.
  std::vector<const ValueType*> parts;
  bool same_kind = false;
  const auto is = [&](Kind kind, auto... inner) {
    same_kind = wanted.kind == kind;
    parts = {inner...};
  };
  if (const auto* prim = std::get_if<component::PrimValType>(&found.shape)) {
    same_kind = wanted.kind == Kind::primitive && component::prim_name(*prim) == wanted.name;
  } else if (const auto* list = std::get_if<component::ListType>(&found.shape)) {
    is(list->length ? Kind::fixed_list : Kind::list, list->element);
    if (list->length && *list->length != wanted.length) return differ();
  } else if (const auto* map = std::get_if<component::MapType>(&found.shape)) {
    is(Kind::map, map->key, map->value);
  } else if (const auto* option = std::get_if<component::OptionType>(&found.shape)) {
    is(Kind::option, option->type);
  } else if (const auto* result = std::get_if<component::ResultType>(&found.shape)) {
    is(Kind::result, result->ok, result->error);
  } else if (const auto* stream = std::get_if<component::StreamType>(&found.shape)) {
    is(Kind::stream, stream->element);
  } else if (const auto* future = std::get_if<component::FutureType>(&found.shape)) {
    is(Kind::future, future->element);
  } else if (const auto* tuple = std::get_if<component::TupleType>(&found.shape)) {
    same_kind = wanted.kind == Kind::tuple && tuple->types.size() == wanted.arguments.size();
    parts = tuple->types;
  }
  if (!same_kind) return differ();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Type* part = i < wanted.arguments.size() ? wanted.arguments[i].get() : nullptr;
    TRY(auto mismatch, compare(scope, part, parts[i], wanted.at));
    if (!mismatch) continue;
    // What is whole in one line is said whole.
    if (mismatch->path.empty()) return differ();
    return std::move(*mismatch).inside(wanted.name);
  }
  return std::nullopt;
}

TypeComparison::Compared TypeComparison::compare(const wit_source::Definition& wanted, const ValueType& found, At at) {
  const TypeDef& type = *wanted.type;
  if (type.kind == TypeDef::Kind::alias) return compare(wanted.scope, type.alias.get(), &found, type.at);
  if (type.kind == TypeDef::Kind::resource) {
    const auto* own = std::get_if<component::OwnType>(&found.shape);
    if (own == nullptr) return parted("the resource " + type.name, text_of(&found), at);
    return compare_resource(wanted.scope, type.name, own->resource, at);
  }
  if (same_.contains({&type, found.structure})) return std::nullopt;
  const auto part_label = [](const auto& part) { return part.label; };
  const auto own_label = [](const std::string& label) { return label; };
  const auto compare_all = [&](const auto& parts, const char* what) -> Compared {
    if (auto mismatch = compare_labels(type, parts, part_label)) return *std::move(mismatch);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      TRY(auto mismatch, compare(wanted.scope, type.fields[i].type.get(), parts[i].type, type.fields[i].at));
      if (mismatch) return std::move(*mismatch).inside(what + type.fields[i].name);
    }
    return std::nullopt;
  };
  Compared compared = parted(type.name, text_of(&found), at);
  const auto* record = std::get_if<component::RecordType>(&found.shape);
  const auto* variant = std::get_if<component::VariantType>(&found.shape);
  const auto* flags = std::get_if<component::FlagsType>(&found.shape);
  const auto* names = std::get_if<component::EnumType>(&found.shape);
  if (type.kind == TypeDef::Kind::record && record != nullptr)
    compared = compare_all(record->fields, "field ");
  else if (type.kind == TypeDef::Kind::variant && variant != nullptr)
    compared = compare_all(variant->cases, "case ");
  else if (type.kind == TypeDef::Kind::flags && flags != nullptr)
    compared = compare_labels(type, flags->labels, own_label);
  else if (type.kind == TypeDef::Kind::enumeration && names != nullptr)
    compared = compare_labels(type, names->labels, own_label);
  if (compared && !*compared) same_.emplace(&type, found.structure);
  return compared;
}

TypeComparison::Compared TypeComparison::compare_resource(const wit_source::Scope& scope, const std::string& name,
                                                          const component::ResourceType* found, At at) {
  TRY(const wit_source::Definition wanted, packages_.find_type(scope, name, at));
  const auto known = resources_.find(found->id);
  const auto& [owner, found_name] = known == resources_.end() ? std::pair<std::string, std::string>() : known->second;
  // What is in no interface has no other name to go by.
  const bool same_owner =
      !owner.contains(':') || component::import_track(owner) == component::import_track(wanted.scope.owner);
  if (found_name == wanted.type->name && same_owner) return std::nullopt;
  return parted("the resource " + wanted.scope.owner + "." + wanted.type->name,
                found_name.empty() ? "one without a name" : owner + "." + found_name, at);
}

}  // namespace weft::inspect
