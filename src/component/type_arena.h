// Owner of the nodes of one type graph, and the only place that makes them.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "component/core_store.h"
#include "component/types.h"
#include "util/pinned.h"

namespace weft::component {

// Not thread-safe while validate() fills it; read-only and shareable between threads afterwards.
class TypeArena : private Pinned {
 public:
  TypeArena();

  // Makes a value type and computes its structure number and layout; the children are of this arena.
  const ValueType* add(ValueTypeShape shape, const ValueType* alias_of = nullptr);
  // Another definition of the same type.
  const ValueType* alias(const ValueType* type);
  const ResourceType* alias(const ResourceType* type) { return add_resource(type->id, type); }

  const ResourceType* add_resource(ResourceId id, const ResourceType* alias_of = nullptr);
  ResourceId fresh_resource() { return ResourceId{next_resource_++}; }
  const FuncType* add(FuncType type);
  const InstanceType* add(InstanceType type);
  const ComponentType* add(ComponentType type);
  const ModuleType* add(CoreModuleInterface interface);
  const CoreExportMap* add(CoreExportMap exports) { return &core_instances_.emplace_back(std::move(exports)); }

  const ValueType* primitive(PrimValType type) const { return primitives_[static_cast<size_t>(type)]; }
  CoreTypeStore& core_types() { return core_types_; }
  const CoreTypeStore& core_types() const { return core_types_; }

  // What a copied node or list entry costs of the work budget: it takes memory (some hundred bytes), not only time.
  static constexpr uint64_t kCopyCost = 32;

  // Work budget of traversals; false when it is used up, and then validation must end with Errc::limit.
  bool spend(uint64_t nodes) {
    work_left_ -= work_left_ < nodes ? work_left_ : nodes;
    return work_left_ != 0;
  }
  bool exhausted() const { return work_left_ == 0; }

 private:
  // Nodes that matching, substitution and visibility checks may visit for one component, in all: a few seconds at
  // worst. Real components need below a million; a hostile one could square its own size.
  static constexpr uint64_t kMaxWork = 20'000'000;

  std::deque<ValueType> values_;
  std::deque<ResourceType> resources_;
  std::deque<FuncType> funcs_;
  std::deque<InstanceType> instances_;
  std::deque<ComponentType> components_;
  std::deque<ModuleType> modules_;
  std::deque<CoreExportMap> core_instances_;
  std::vector<const ValueType*> primitives_;
  std::unordered_map<std::string, uint32_t> structures_;
  CoreTypeStore core_types_;
  uint32_t next_resource_ = 0;
  uint64_t work_left_ = kMaxWork;
};

// The part of `type` in the `size` of what contains it.
uint32_t tree_size(const ExternType& type);

}  // namespace weft::component
