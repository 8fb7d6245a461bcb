#include "component/core_store.h"

#include <optional>

#include "component/text.h"

namespace weft::component {
namespace {

// Marks an index within the group being interned, so that groups compare by shape.
constexpr uint32_t kLocal = 0x80000000;
// Core implementation limit on the depth of declared subtyping.
constexpr size_t kMaxSubtypingDepth = 63;

// Applies `f` to every type index of a subtype.
template <class F>
void each_index(CoreSubType& sub, F f) {
  const auto in_valtype = [&](CoreValType& type) {
    if (type.kind == CoreValKind::ref && type.ref.heap.kind == CoreHeapKind::index) f(type.ref.heap.index);
  };
  for (uint32_t& super : sub.supertypes) f(super);
  if (auto* func = std::get_if<CoreFuncType>(&sub.comp)) {
    for (CoreValType& type : func->params) in_valtype(type);
    for (CoreValType& type : func->results) in_valtype(type);
  } else if (auto* fields = std::get_if<CoreStructType>(&sub.comp)) {
    for (CoreFieldType& field : fields->fields) in_valtype(field.type);
  } else if (auto* array = std::get_if<CoreArrayType>(&sub.comp)) {
    in_valtype(array->element.type);
  } else {
    f(std::get<CoreContType>(sub.comp).func_type);
  }
}

void put(std::string& key, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) key += static_cast<char>(value >> shift & 0xff);
}

void put(std::string& key, const CoreValType& type) {
  key += static_cast<char>(type.kind);
  if (type.kind != CoreValKind::ref) return;
  key += static_cast<char>(type.ref.nullable);
  key += static_cast<char>(type.ref.heap.kind);
  key += static_cast<char>(type.ref.heap.shared);
  if (type.ref.heap.kind == CoreHeapKind::index) put(key, type.ref.heap.index);
}

void put(std::string& key, const CoreFieldType& field) {
  key += static_cast<char>(field.packed);
  key += static_cast<char>(field.is_mutable);
  put(key, field.type);
}

void put(std::string& key, const std::vector<CoreValType>& types) {
  put(key, static_cast<uint32_t>(types.size()));
  for (const CoreValType& type : types) put(key, type);
}

std::string key_of(const CoreRecType& rec) {
  std::string key;
  for (const CoreSubType& sub : rec.types) {
    key += static_cast<char>(sub.is_final);
    key += static_cast<char>(sub.shared);
    put(key, static_cast<uint32_t>(sub.supertypes.size()));
    for (const uint32_t super : sub.supertypes) put(key, super);
    key += static_cast<char>(sub.comp.index());
    if (const auto* func = std::get_if<CoreFuncType>(&sub.comp)) {
      put(key, func->params);
      put(key, func->results);
    } else if (const auto* fields = std::get_if<CoreStructType>(&sub.comp)) {
      put(key, static_cast<uint32_t>(fields->fields.size()));
      for (const CoreFieldType& field : fields->fields) put(key, field);
    } else if (const auto* array = std::get_if<CoreArrayType>(&sub.comp)) {
      put(key, array->element);
    } else {
      put(key, std::get<CoreContType>(sub.comp).func_type);
    }
  }
  return key;
}

}  // namespace

Result<std::vector<uint32_t>> CoreTypeStore::add(const CoreRecType& rec, std::span<const uint32_t> index_space) {
  CoreRecType group = rec;
  bool in_bounds = true;
  std::optional<uint32_t> module_type;
  for (CoreSubType& sub : group.types) {
    each_index(sub, [&](uint32_t& index) {
      if (index < index_space.size()) {
        if (index_space[index] == kNoType) module_type = index;
        index = index_space[index];
      } else if (index - index_space.size() < group.types.size()) {
        index = kLocal | static_cast<uint32_t>(index - index_space.size());
      } else {
        in_bounds = false;
      }
    });
  }
  if (!in_bounds) return fail(Errc::invalid, "type index out of bounds");
  if (module_type) return fail(Errc::invalid, cat("type index ", *module_type, " is a module type"));
  if (types_.size() + group.types.size() >= kLocal) return fail(Errc::limit, "too many core types");
  const auto next = static_cast<uint32_t>(types_.size());
  const auto [it, inserted] = interned_.emplace(key_of(group), next);
  const uint32_t first = it->second;
  std::vector<uint32_t> ids;
  for (uint32_t i = 0; i < group.types.size(); ++i) ids.push_back(first + i);
  if (!inserted) return ids;
  for (CoreSubType& sub : group.types) {
    each_index(sub, [&](uint32_t& index) {
      if ((index & kLocal) != 0) index = first + (index & ~kLocal);
    });
    types_.push_back(std::move(sub));
  }
  for (const uint32_t id : ids) CHECK_OK(check_supertype(id));
  return ids;
}

uint32_t CoreTypeStore::add_func(CoreFuncType func) {
  CoreSubType sub;
  sub.comp = std::move(func);
  CoreRecType rec;
  rec.types.push_back(std::move(sub));
  // Without indices nothing can be out of bounds.
  const auto ids = add(rec, {});
  return ids ? ids->front() : 0;
}

Result<void> CoreTypeStore::check_supertype(uint32_t id) const {
  const CoreSubType& sub = types_[id];
  if (sub.supertypes.size() > 1) return fail(Errc::invalid, "multiple supertypes are not supported");
  size_t depth = 0;
  for (const CoreSubType* t = &sub; !t->supertypes.empty(); t = &types_[t->supertypes.front()]) {
    if (t->supertypes.front() >= id) return fail(Errc::invalid, "a supertype must be declared before its subtype");
    if (++depth > kMaxSubtypingDepth) return fail(Errc::invalid, "sub type hierarchy is too deep");
  }
  if (sub.supertypes.empty()) return {};
  const CoreSubType& super = types_[sub.supertypes.front()];
  if (super.is_final) return fail(Errc::invalid, "sub type cannot have a final super type");
  if (super.comp.index() != sub.comp.index()) return fail(Errc::invalid, "sub type must match super type");
  return {};
}

bool CoreTypeStore::is_subtype(uint32_t sub, uint32_t super) const {
  while (sub != super) {
    if (types_[sub].supertypes.empty()) return false;
    sub = types_[sub].supertypes.front();
  }
  return true;
}

// The abstract heap type directly above a concrete type.
CoreHeapKind CoreTypeStore::top_of(uint32_t id) const {
  constexpr CoreHeapKind kTops[] = {CoreHeapKind::func, CoreHeapKind::struct_, CoreHeapKind::array, CoreHeapKind::cont};
  return kTops[types_[id].comp.index()];
}

bool CoreTypeStore::is_subtype(const CoreHeapType& sub, const CoreHeapType& super) const {
  using enum CoreHeapKind;
  if (sub.kind == index && super.kind == index) return is_subtype(sub.index, super.index);
  const bool sub_shared = sub.kind == index ? types_[sub.index].shared : sub.shared;
  const bool super_shared = super.kind == index ? types_[super.index].shared : super.shared;
  if (sub_shared != super_shared) return false;
  const CoreHeapKind from = sub.kind == index ? top_of(sub.index) : sub.kind;
  const CoreHeapKind to = super.kind == index ? top_of(super.index) : super.kind;
  // A concrete supertype has only bottom types and its own declared subtypes below it.
  if (super.kind == index) {
    switch (sub.kind) {
      case none:
        return to == struct_ || to == array;
      case nofunc:
        return to == func;
      case nocont:
        return to == cont;
      default:
        return false;
    }
  }
  if (from == to) return true;
  switch (to) {
    case any:
      return from == eq || from == i31 || from == struct_ || from == array || from == none;
    case eq:
      return from == i31 || from == struct_ || from == array || from == none;
    case i31:
    case struct_:
    case array:
      return from == none;
    case func:
      return from == nofunc;
    case extern_:
      return from == noextern;
    case exn:
      return from == noexn;
    case cont:
      return from == nocont;
    default:
      return false;
  }
}

bool CoreTypeStore::is_subtype(const CoreRefType& sub, const CoreRefType& super) const {
  return (!sub.nullable || super.nullable) && is_subtype(sub.heap, super.heap);
}

bool CoreTypeStore::is_subtype(const CoreValType& sub, const CoreValType& super) const {
  if (sub.kind != super.kind) return false;
  return sub.kind != CoreValKind::ref || is_subtype(sub.ref, super.ref);
}

}  // namespace weft::component
