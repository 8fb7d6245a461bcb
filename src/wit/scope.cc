#include "wit/scope.h"

namespace weft::wit {
namespace {

// Looks up a node and what it renames.
template <class Map, class Node>
const typename Map::mapped_type* find_renamed(const Map& map, const Node* node) {
  for (; node != nullptr; node = node->alias_of) {
    if (const auto found = map.find(node); found != map.end()) return &found->second;
  }
  return nullptr;
}

template <class Map, class Key>
const typename Map::mapped_type* find(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

std::string or_empty(const std::string* text) {
  return text == nullptr ? std::string() : *text;
}

}  // namespace

bool needs_name(const component::ValueType& type) {
  using namespace component;
  return std::holds_alternative<RecordType>(type.shape) || std::holds_alternative<VariantType>(type.shape) ||
         std::holds_alternative<EnumType>(type.shape) || std::holds_alternative<FlagsType>(type.shape);
}

void Scope::define(const component::ValueType* type, const std::string& name) {
  definitions_.emplace(type, name);
  if (needs_name(*type)) structures_.emplace(type->structure, name);
  if (name_.empty()) return;
  owners_.definitions.emplace(type, Owner{name_, name});
  if (needs_name(*type)) owners_.structures.emplace(type->structure, Owner{name_, name});
}

void Scope::define(const component::ResourceType* type, const std::string& name) {
  definitions_.emplace(type, name);
  resources_.emplace(type->id, name);
  if (name_.empty()) return;
  owners_.definitions.emplace(type, Owner{name_, name});
  owners_.resources.emplace(type->id, Owner{name_, name});
}

std::string Scope::name_of(const component::ValueType* type) const {
  if (const auto* name = find_renamed(definitions_, type)) return *name;
  return needs_name(*type) ? or_empty(find(structures_, type->structure)) : std::string();
}

std::string Scope::name_of(const component::ResourceType* type) const {
  if (const auto* name = find_renamed(definitions_, type)) return *name;
  return or_empty(find(resources_, type->id));
}

const Owner* Scope::elsewhere(const component::ValueType* type) const {
  const Owner* owner = find_renamed(owners_.definitions, type);
  return owner == nullptr || owner->interface == name_ ? nullptr : owner;
}

const Owner* Scope::elsewhere(const component::ResourceType* type) const {
  const Owner* owner = find_renamed(owners_.definitions, type);
  if (owner == nullptr) owner = find(owners_.resources, type->id);
  return owner == nullptr || owner->interface == name_ ? nullptr : owner;
}

const Owner* Scope::equal_elsewhere(const component::ValueType* type) const {
  const Owner* owner = needs_name(*type) ? find(owners_.structures, type->structure) : nullptr;
  return owner == nullptr || owner->interface == name_ ? nullptr : owner;
}

std::string Scope::use(const Owner& owner) {
  if (std::string known = block_.used_as(owner.interface, owner.name); !known.empty()) return known;
  std::string alias = owner.name;
  for (int n = 2; block_.has_name(alias); ++n) alias = owner.name + "-n" + std::to_string(n);
  use_as(owner, alias);
  return alias;
}

void Scope::use_as(const Owner& owner, const std::string& alias) {
  block_.add_use({owner.interface, owner.name, alias == owner.name ? "" : alias});
}

}  // namespace weft::wit
