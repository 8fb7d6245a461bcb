// Validation of a decoded component: every rule of Binary.md, Explainer.md and CanonicalABI.md that does not need
// function bodies (those the engine validates when it compiles the core modules).
#pragma once

#include <memory>
#include <unordered_map>
#include <variant>
#include <vector>

#include "component/ast.h"
#include "component/type_arena.h"
#include "component/types.h"
#include "util/error.h"

namespace weft::component {

using CoreTypeEntry = std::variant<uint32_t, const ModuleType*>;  // id in TypeArena::core_types(), or a module type

// The types of everything in the index spaces of one component definition, complete: entry i belongs to index i.
// Core functions and tags are ids in TypeArena::core_types(). Resource ids are those of the definition, not of
// an instance.
struct IndexSpaces {
  std::vector<uint32_t> core_funcs;
  std::vector<CoreTableType> core_tables;
  std::vector<CoreMemoryType> core_memories;
  std::vector<CoreGlobalType> core_globals;
  std::vector<uint32_t> core_tags;
  std::vector<CoreTypeEntry> core_types;
  std::vector<const ModuleType*> core_modules;
  std::vector<const CoreExportMap*> core_instances;
  std::vector<const FuncType*> funcs;
  std::vector<AnyType> types;
  std::vector<const ComponentType*> components;
  std::vector<const InstanceType*> instances;
};

// A valid component with its types. Everything points into `arena`; keys of `index_spaces` are the component and all
// components nested in it.
struct Validated {
  std::shared_ptr<const TypeArena> arena;
  const ComponentType* type = nullptr;
  std::unordered_map<const ast::Component*, IndexSpaces> index_spaces;
};

// Errc::invalid if a rule is broken, Errc::unsupported for a gated feature, Errc::limit if the types are too
// large. Messages start with the offset of the definition: "offset 0x…: ".
Result<Validated> validate(const ast::Component& component);

}  // namespace weft::component
