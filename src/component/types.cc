#include "component/types.h"

#include <algorithm>

namespace weft::component {

void FlatTypes::push(CoreValKind kind) {
  if (count < kMax) types[count] = kind;
  if (count <= kMax) ++count;
}

void FlatTypes::append(const FlatTypes& other) {
  const size_t n = std::min<size_t>(other.count, kMax);
  for (size_t i = 0; i < n; ++i) push(other.types[i]);
  if (other.overflow()) count = kMax + 1;
}

void ExternItems::add(ExternItem item) {
  by_name_.emplace(item.name.name, static_cast<uint32_t>(items_.size()));
  items_.push_back(std::move(item));
}

const ExternType* ExternItems::find(std::string_view name) const {
  const auto it = by_name_.find(std::string(name));
  return it == by_name_.end() ? nullptr : &items_[it->second].type;
}

size_t part_count(const ValueTypeShape& shape) {
  if (const auto* record = std::get_if<RecordType>(&shape)) return record->fields.size();
  if (const auto* variant = std::get_if<VariantType>(&shape)) return variant->cases.size();
  if (const auto* tuple = std::get_if<TupleType>(&shape)) return tuple->types.size();
  if (const auto* flags = std::get_if<FlagsType>(&shape)) return flags->labels.size();
  if (const auto* labels = std::get_if<EnumType>(&shape)) return labels->labels.size();
  return 2;
}

std::string_view prim_name(PrimValType type) {
  constexpr std::string_view kNames[] = {"bool", "s8",  "u8",  "s16", "u16",  "s32",    "u32",
                                         "s64",  "u64", "f32", "f64", "char", "string", "error-context"};
  return kNames[static_cast<size_t>(type)];
}

std::string_view describe(const ValueType& type) {
  if (const auto* prim = std::get_if<PrimValType>(&type.shape)) return prim_name(*prim);
  constexpr std::string_view kNames[] = {"",       "record", "variant", "list",   "tuple",  "flags",  "enum",
                                         "option", "result", "own",     "borrow", "stream", "future", "map"};
  return kNames[type.shape.index()];
}

std::string_view describe(const ExternType& type) {
  if (const auto* item = std::get_if<TypeItem>(&type)) {
    constexpr std::string_view kNames[] = {"defined type", "resource", "func type", "instance type", "component type"};
    return kNames[item->type.index()];
  }
  constexpr std::string_view kNames[] = {"module", "func", "type", "component", "instance"};
  return kNames[type.index()];
}

}  // namespace weft::component
