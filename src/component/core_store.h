// Canonical core types: equal types of all the modules of a component are one id, and their matching rules.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "component/core_types.h"
#include "util/error.h"

namespace weft::component {

// Interns recursion groups (core spec, "Types: roll and unroll"). Not thread-safe while types are added.
class CoreTypeStore {
 public:
  // In an index space: an entry that is no core type definition (a module type), which no index may name.
  static constexpr uint32_t kNoType = UINT32_MAX;

  // Adds a recursion group whose indices refer to `index_space` (canonical ids) followed by the group itself. Returns
  // the ids of its members, which are those of an equal group added before. Errc::invalid: an index out of bounds or
  // a wrong supertype.
  Result<std::vector<uint32_t>> add(const CoreRecType& rec, std::span<const uint32_t> index_space);

  // The id of a plain function type.
  uint32_t add_func(CoreFuncType func);

  // Indices within are canonical ids. `id` comes from this store.
  const CoreSubType& get(uint32_t id) const { return types_[id]; }
  // nullptr if not a function type.
  const CoreFuncType* func(uint32_t id) const { return std::get_if<CoreFuncType>(&types_[id].comp); }

  bool is_subtype(uint32_t sub, uint32_t super) const;
  bool is_subtype(const CoreHeapType& sub, const CoreHeapType& super) const;
  bool is_subtype(const CoreRefType& sub, const CoreRefType& super) const;
  bool is_subtype(const CoreValType& sub, const CoreValType& super) const;

  // core:externtype matching (core spec, "Import matching"); the error says what differs.
  Result<void> match(const CoreExternType& actual, const CoreExternType& expected) const;

 private:
  Result<void> check_supertype(uint32_t id) const;
  CoreHeapKind top_of(uint32_t id) const;

  std::vector<CoreSubType> types_;
  std::unordered_map<std::string, uint32_t> interned_;  // serialised group → id of its first member
};

// The type with its indices translated from a module's index space to canonical ids. Errc::invalid: out of bounds.
Result<CoreValType> resolve(CoreValType type, std::span<const uint32_t> index_space);
Result<CoreExternType> resolve(CoreExternType type, std::span<const uint32_t> index_space);

// Checks limits against what the core specification allows: sizes, min ≤ max, shared needs max.
Result<void> check_limits(const CoreExternType& type);

std::string_view kind_name(const CoreExternType& type);
std::string to_text(const CoreValType& type);
std::string to_text(const CoreFuncType& type);  // "(func (param i32) (result i32))"

}  // namespace weft::component
