#include "component/type_arena.h"

#include <algorithm>

#include "component/layout.h"

namespace weft::component {
namespace {

void put(std::string& key, uint64_t value) {
  for (; value >= 0x80; value >>= 7) key += static_cast<char>((value & 0x7f) | 0x80);
  key += static_cast<char>(value);
}

void put(std::string& key, std::string_view label) {
  put(key, label.size());
  key += label;
}

// 0 for no type; structure numbers follow.
void put(std::string& key, const ValueType* type) {
  put(key, type == nullptr ? 0 : uint64_t{type->structure} + 1);
}

// Everything that makes two value types equal, in terms of the structure numbers of the children.
struct StructureKey {
  std::string key;

  void operator()(PrimValType prim) { put(key, static_cast<uint64_t>(prim)); }
  void operator()(const RecordType& t) {
    for (const Field& field : t.fields) put(key, std::string_view(field.label)), put(key, field.type);
  }
  void operator()(const VariantType& t) {
    for (const Case& c : t.cases) put(key, std::string_view(c.label)), put(key, c.type);
  }
  void operator()(const ListType& t) { put(key, t.element), put(key, t.length ? uint64_t{*t.length} + 1 : 0); }
  void operator()(const TupleType& t) {
    for (const ValueType* type : t.types) put(key, type);
  }
  void operator()(const FlagsType& t) {
    for (const std::string& label : t.labels) put(key, std::string_view(label));
  }
  void operator()(const EnumType& t) {
    for (const std::string& label : t.labels) put(key, std::string_view(label));
  }
  void operator()(const OptionType& t) { put(key, t.type); }
  void operator()(const ResultType& t) { put(key, t.ok), put(key, t.error); }
  void operator()(const OwnType& t) { put(key, static_cast<uint64_t>(t.resource->id)); }
  void operator()(const BorrowType& t) { put(key, static_cast<uint64_t>(t.resource->id)); }
  void operator()(const StreamType& t) { put(key, t.element); }
  void operator()(const FutureType& t) { put(key, t.element); }
  void operator()(const MapType& t) { put(key, t.key), put(key, t.value); }
};

uint32_t add_sizes(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>(std::min<uint64_t>(uint64_t{a} + b, UINT32_MAX));
}

uint32_t tree_size(const ExternItems& items) {
  uint32_t size = 0;
  for (const ExternItem& item : items) size = add_sizes(size, weft::component::tree_size(item.type));
  return size;
}

bool mentions_resources(const AnyType& type) {
  if (const auto* value = std::get_if<const ValueType*>(&type)) return (*value)->contains_handle;
  if (const auto* func = std::get_if<const FuncType*>(&type)) return (*func)->mentions_resources;
  if (const auto* instance = std::get_if<const InstanceType*>(&type)) return (*instance)->mentions_resources;
  if (const auto* component = std::get_if<const ComponentType*>(&type)) return (*component)->mentions_resources;
  return true;
}

bool mentions_resources(const ExternItems& items) {
  return std::any_of(items.begin(), items.end(), [](const ExternItem& item) {
    if (const auto* type = std::get_if<TypeItem>(&item.type)) return mentions_resources(type->type);
    if (const auto* func = std::get_if<const FuncType*>(&item.type)) return (*func)->mentions_resources;
    if (const auto* instance = std::get_if<const InstanceType*>(&item.type)) return (*instance)->mentions_resources;
    if (const auto* component = std::get_if<const ComponentType*>(&item.type)) return (*component)->mentions_resources;
    return false;
  });
}

}  // namespace

uint32_t tree_size(const ExternType& type) {
  const auto size_of_any = [](const AnyType& any) -> uint32_t {
    if (const auto* func = std::get_if<const FuncType*>(&any)) return static_cast<uint32_t>((*func)->params.size()) + 1;
    if (const auto* instance = std::get_if<const InstanceType*>(&any)) return add_sizes((*instance)->size, 1);
    if (const auto* component = std::get_if<const ComponentType*>(&any)) return add_sizes((*component)->size, 1);
    return 1;
  };
  if (const auto* func = std::get_if<const FuncType*>(&type)) return size_of_any(*func);
  if (const auto* instance = std::get_if<const InstanceType*>(&type)) return size_of_any(*instance);
  if (const auto* component = std::get_if<const ComponentType*>(&type)) return size_of_any(*component);
  if (const auto* item = std::get_if<TypeItem>(&type)) return size_of_any(item->type);
  const CoreModuleInterface& module = std::get<const ModuleType*>(type)->interface;
  return static_cast<uint32_t>(std::min<size_t>(module.imports.size() + module.exports.size() + 1, UINT32_MAX));
}

TypeArena::TypeArena() {
  for (size_t i = 0; i <= static_cast<size_t>(PrimValType::error_context); ++i) {
    primitives_.push_back(add(static_cast<PrimValType>(i)));
  }
}

const ValueType* TypeArena::add(ValueTypeShape shape, const ValueType* alias_of) {
  ValueType& type = values_.emplace_back();
  type.shape = std::move(shape);
  type.alias_of = alias_of;
  StructureKey key;
  key.key += static_cast<char>(type.shape.index());
  std::visit(key, type.shape);
  type.structure = structures_.emplace(std::move(key.key), static_cast<uint32_t>(structures_.size())).first->second;
  compute_layout(type);
  return &type;
}

const ValueType* TypeArena::alias(const ValueType* type) {
  spend(part_count(type->shape) * kCopyCost);
  ValueType& copy = values_.emplace_back(*type);
  copy.alias_of = type;
  return &copy;
}

const ResourceType* TypeArena::add_resource(ResourceId id, const ResourceType* alias_of) {
  return &resources_.emplace_back(ResourceType{id, alias_of});
}

const FuncType* TypeArena::add(FuncType type) {
  type.mentions_resources = type.result != nullptr && type.result->contains_handle;
  for (const Field& param : type.params) type.mentions_resources |= param.type->contains_handle;
  return &funcs_.emplace_back(std::move(type));
}

const InstanceType* TypeArena::add(InstanceType type) {
  type.mentions_resources = mentions_resources(type.exports);
  type.size = add_sizes(1, tree_size(type.exports));
  return &instances_.emplace_back(std::move(type));
}

const ComponentType* TypeArena::add(ComponentType type) {
  type.mentions_resources = mentions_resources(type.imports) || mentions_resources(type.exports);
  type.size = add_sizes(1, add_sizes(tree_size(type.imports), tree_size(type.exports)));
  return &components_.emplace_back(std::move(type));
}

const ModuleType* TypeArena::add(CoreModuleInterface interface) {
  ModuleType& type = modules_.emplace_back(ModuleType{std::move(interface), {}});
  for (const CoreExport& item : type.interface.exports) type.exports_by_name.emplace(item.name, item.type);
  return &type;
}

}  // namespace weft::component
