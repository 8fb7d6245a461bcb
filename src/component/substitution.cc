#include "component/substitution.h"

namespace weft::component {
namespace {

constexpr uint64_t kCopyCost = TypeArena::kCopyCost;

// Collects mentioned and introduced resources, visiting each node once.
class ResourceWalk {
 public:
  explicit ResourceWalk(TypeArena& arena) : arena_(arena) {}

  void visit(const AnyType& type) {
    std::visit([&](const auto* node) { visit(node); }, type);
  }

  bool has_free() const {
    for (const ResourceId id : mentioned_) {
      if (!introduced_.contains(id)) return true;
    }
    return false;
  }

 private:
  bool enter(const void* node) { return arena_.spend(1) && seen_.insert(node).second; }

  void visit(const ResourceType* type) { mentioned_.insert(type->id); }
  void visit(const ValueType* type) {
    if (type == nullptr || !type->contains_handle || !enter(type)) return;
    arena_.spend(part_count(type->shape));
    std::visit([&](const auto& shape) { children(shape); }, type->shape);
  }
  void visit(const FuncType* type) {
    if (!enter(type)) return;
    arena_.spend(type->params.size());
    for (const Field& param : type->params) visit(param.type);
    visit(type->result);
  }
  void visit(const InstanceType* type) {
    if (!enter(type)) return;
    introduced_.insert(type->resources.begin(), type->resources.end());
    visit(type->exports);
  }
  void visit(const ComponentType* type) {
    if (!enter(type)) return;
    introduced_.insert(type->imported_resources.begin(), type->imported_resources.end());
    introduced_.insert(type->defined_resources.begin(), type->defined_resources.end());
    visit(type->imports);
    visit(type->exports);
  }
  void visit(const ModuleType*) {}
  void visit(const TypeItem& item) { visit(item.type); }
  void visit(const ExternItems& items) {
    for (const ExternItem& item : items) std::visit([&](const auto& type) { visit(type); }, item.type);
  }

  void children(PrimValType) {}
  void children(const FlagsType&) {}
  void children(const EnumType&) {}
  void children(const RecordType& t) {
    for (const Field& field : t.fields) visit(field.type);
  }
  void children(const VariantType& t) {
    for (const Case& c : t.cases) visit(c.type);
  }
  void children(const TupleType& t) {
    for (const ValueType* type : t.types) visit(type);
  }
  void children(const ListType& t) { visit(t.element); }
  void children(const OptionType& t) { visit(t.type); }
  void children(const ResultType& t) { visit(t.ok), visit(t.error); }
  void children(const OwnType& t) { visit(t.resource); }
  void children(const BorrowType& t) { visit(t.resource); }
  void children(const StreamType& t) { visit(t.element); }
  void children(const FutureType& t) { visit(t.element); }
  void children(const MapType& t) { visit(t.key), visit(t.value); }

  TypeArena& arena_;
  std::unordered_set<const void*> seen_;
  std::unordered_set<ResourceId> mentioned_, introduced_;
};

}  // namespace

bool has_free_resources(TypeArena& arena, const AnyType& type) {
  ResourceWalk walk(arena);
  walk.visit(type);
  return walk.has_free();
}

Substitution::Substitution(const Substitution& parent, const std::vector<ResourceId>& rebound)
    : arena_(parent.arena_), map_(parent.map_), open_(parent.open_) {
  arena_->spend(map_.size() + open_.size());
  for (const ResourceId id : rebound) map_.erase(id);
}

bool Substitution::solve(ResourceId variable, ResourceId value) {
  return open_.contains(variable) && map_.emplace(variable, value).second;
}

ResourceId Substitution::apply(ResourceId id) const {
  const auto it = map_.find(id);
  return it == map_.end() ? id : it->second;
}

template <class T, class F>
const T* Substitution::memoised(const T* type, F make) {
  if (const auto it = done_.find(type); it != done_.end()) return static_cast<const T*>(it->second);
  if (!arena_->spend(kCopyCost)) return type;
  const T* made = make();
  done_.emplace(type, made);
  return made;
}

void Substitution::adopt(const AnyType& from, const AnyType& to) {
  if (!adopts_) return;
  const auto node = [](const AnyType& type) {
    return std::visit([](const auto* any) { return static_cast<const void*>(any); }, type);
  };
  const bool named =
      std::holds_alternative<const ValueType*>(from) || std::holds_alternative<const ResourceType*>(from);
  if (named) done_.insert_or_assign(node(from), node(to));
}

const ResourceType* Substitution::apply(const ResourceType* type) {
  const auto it = done_.find(type);
  if (it != done_.end()) return static_cast<const ResourceType*>(it->second);
  if (apply(type->id) == type->id) return type;
  return memoised(type, [&] { return arena_->add_resource(apply(type->id)); });
}

const ValueType* Substitution::apply(const ValueType* type) {
  if (type == nullptr || std::holds_alternative<PrimValType>(type->shape)) {
    // A renamed primitive type is a definition too, but never needs a name.
    return type;
  }
  if (!affects(type->contains_handle)) return type;
  return memoised(type, [&] { return rebuild(type); });
}

const ValueType* Substitution::rebuild(const ValueType* type) {
  arena_->spend(part_count(type->shape) * kCopyCost);
  ValueTypeShape copy = type->shape;
  bool changed = false;
  const auto replace = [&](auto& child) {
    const auto* made = apply(child);
    changed = changed || made != child;
    child = made;
  };
  const auto each = [&](auto& t) {
    using T = std::decay_t<decltype(t)>;
    if constexpr (std::is_same_v<T, RecordType>) {
      for (Field& field : t.fields) replace(field.type);
    } else if constexpr (std::is_same_v<T, VariantType>) {
      for (Case& c : t.cases) replace(c.type);
    } else if constexpr (std::is_same_v<T, TupleType>) {
      for (const ValueType*& child : t.types) replace(child);
    } else if constexpr (std::is_same_v<T, OptionType>) {
      replace(t.type);
    } else if constexpr (std::is_same_v<T, ResultType>) {
      replace(t.ok);
      replace(t.error);
    } else if constexpr (std::is_same_v<T, OwnType> || std::is_same_v<T, BorrowType>) {
      replace(t.resource);
    } else if constexpr (std::is_same_v<T, ListType> || std::is_same_v<T, StreamType> ||
                         std::is_same_v<T, FutureType>) {
      replace(t.element);
    } else if constexpr (std::is_same_v<T, MapType>) {
      replace(t.key);
      replace(t.value);
    }
  };
  std::visit(each, copy);
  if (!changed) return type;
  // Keeps the relation to a definition within the same substituted types.
  const auto renamed = done_.find(type->alias_of);
  return arena_->add(std::move(copy),
                     renamed == done_.end() ? nullptr : static_cast<const ValueType*>(renamed->second));
}

const FuncType* Substitution::apply(const FuncType* type) {
  if (!affects(type->mentions_resources)) return type;
  arena_->spend(type->params.size() * kCopyCost);
  return memoised(type, [&] {
    FuncType copy = *type;
    bool changed = false;
    for (Field& param : copy.params) {
      const ValueType* made = apply(param.type);
      changed = changed || made != param.type;
      param.type = made;
    }
    copy.result = apply(copy.result);
    return changed || copy.result != type->result ? arena_->add(std::move(copy)) : type;
  });
}

const InstanceType* Substitution::apply(const InstanceType* type) {
  if (!affects(type->mentions_resources)) return type;
  return memoised(type, [&] {
    InstanceType copy;
    if (!rebuild(type->exports, copy.exports)) return type;
    copy.resources = type->resources;
    return arena_->add(std::move(copy));
  });
}

const ComponentType* Substitution::apply(const ComponentType* type) {
  if (!affects(type->mentions_resources)) return type;
  return memoised(type, [&] {
    ComponentType copy;
    const bool imports_changed = rebuild(type->imports, copy.imports);
    const bool exports_changed = rebuild(type->exports, copy.exports);
    if (!imports_changed && !exports_changed) return type;
    copy.imported_resources = type->imported_resources;
    copy.defined_resources = type->defined_resources;
    return arena_->add(std::move(copy));
  });
}

AnyType Substitution::apply(const AnyType& type) {
  return std::visit([&](const auto* node) -> AnyType { return apply(node); }, type);
}

ExternType Substitution::apply(const ExternType& type) {
  if (const auto* item = std::get_if<TypeItem>(&type)) return TypeItem{apply(item->type), item->is_sub_resource};
  if (const auto* func = std::get_if<const FuncType*>(&type)) return apply(*func);
  if (const auto* instance = std::get_if<const InstanceType*>(&type)) return apply(*instance);
  if (const auto* component = std::get_if<const ComponentType*>(&type)) return apply(*component);
  return type;
}

ExternItems Substitution::apply(const ExternItems& items) {
  ExternItems copy;
  rebuild(items, copy);
  return copy;
}

bool Substitution::rebuild(const ExternItems& items, ExternItems& copy) {
  bool changed = false;
  for (const ExternItem& item : items) {
    if (!arena_->spend(kCopyCost)) return changed;
    ExternType type = apply(item.type);
    changed = changed || !(type == item.type);
    copy.add({item.name, std::move(type)});
  }
  return changed;
}

}  // namespace weft::component
