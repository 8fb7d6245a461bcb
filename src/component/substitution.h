// Replacement of resource types in a type graph: what instantiation, and the import or export of an instance, do.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "component/type_arena.h"

namespace weft::component {

// A map from resources to resources, applied to types. Nodes that mention no resource are shared, the others are
// rebuilt once: equal nodes stay equal nodes. Bindings may be added while it is in use, as long as the resource was
// not mentioned by a type substituted before.
class Substitution {
 public:
  explicit Substitution(TypeArena& arena) : arena_(&arena) {}
  // Starts with the bindings of `parent` and forgets those of `rebound`.
  Substitution(const Substitution& parent, const std::vector<ResourceId>& rebound);

  void bind(ResourceId from, ResourceId to) { map_[from] = to; }
  // Variables to be solved by matching: bound at their first occurrence (subtyping.h).
  void open(const std::vector<ResourceId>& variables) { open_.insert(variables.begin(), variables.end()); }
  // From now on, matching also replaces each type that the expected side imports by the very definition supplied for
  // it, so that names the supplied one has are kept (Binary.md "Instance Definitions", notes on `instantiate`).
  void adopt_definitions() { adopts_ = true; }
  // If adopting: uses of the definition `from` become uses of `to`, an equal type.
  void adopt(const AnyType& from, const AnyType& to);
  // True once for each open variable that is not bound yet.
  bool solve(ResourceId variable, ResourceId value);

  bool empty() const { return map_.empty() && !adopts_; }
  ResourceId apply(ResourceId id) const;
  const ValueType* apply(const ValueType* type);
  const ResourceType* apply(const ResourceType* type);
  const FuncType* apply(const FuncType* type);
  const InstanceType* apply(const InstanceType* type);
  const ComponentType* apply(const ComponentType* type);
  AnyType apply(const AnyType& type);
  ExternType apply(const ExternType& type);
  ExternItems apply(const ExternItems& items);

 private:
  bool affects(bool mentions_resources) const { return adopts_ || (mentions_resources && !map_.empty()); }
  const ValueType* rebuild(const ValueType* type);
  bool rebuild(const ExternItems& items, ExternItems& copy);  // false: nothing changed
  template <class T, class F>
  const T* memoised(const T* type, F make);

  TypeArena* arena_;
  std::unordered_map<ResourceId, ResourceId> map_;
  std::unordered_set<ResourceId> open_;
  std::unordered_map<const void*, const void*> done_;
  bool adopts_ = false;
};

// True if `type` mentions a resource that it does not itself introduce.
bool has_free_resources(TypeArena& arena, const AnyType& type);

}  // namespace weft::component
