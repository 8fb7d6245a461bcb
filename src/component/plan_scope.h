// What a name or an index stands for while a plan is made: resolved items instead of definitions.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "component/plan.h"

namespace weft::component {

struct PlanScope;
struct InstanceItem;

// A component or instance type as written, with the scope its outer aliases refer to. Only imports of the outermost
// component are made from it; everywhere else the item itself is at hand.
struct TypeClosure {
  std::variant<const ast::ComponentType*, const ast::InstanceType*> type;
  const PlanScope* scope = nullptr;
};

using PlanType = std::variant<abi::TypeRef, const abi::FuncType*, abi::ResourceIndex, TypeClosure>;

struct ComponentItem {
  const ast::Component* component = nullptr;
  const PlanScope* scope = nullptr;  // where it was defined
};

struct ModuleItem {
  std::uint32_t module = 0;
};

using Item = std::variant<FuncRef, std::shared_ptr<const InstanceItem>, PlanType, ModuleItem, ComponentItem>;

struct InstanceItem {
  std::vector<std::pair<std::string, Item>> exports;  // in order
  std::map<std::string, std::size_t, std::less<>> by_name;

  void add(std::string name, Item item);
  const Item* find(std::string_view name) const;
};

struct CoreExportItem {
  ast::Sort sort;
  CoreItem item;
};

// A core instance that an instantiation makes, or a bundle of items that exists only in the plan.
struct CoreInstanceItem {
  std::optional<std::uint32_t> made;
  std::map<std::string, CoreExportItem, std::less<>> bundle;
};

// The index spaces of one component instance, or of one component or instance type.
struct PlanScope {
  const PlanScope* parent = nullptr;
  std::uint32_t instance = 0;  // component instance

  std::vector<CoreItem> core_funcs, core_tables, core_memories, core_globals, core_tags;
  std::vector<CoreInstanceItem> core_instances;
  std::vector<ModuleItem> core_modules;
  std::vector<FuncRef> funcs;
  std::vector<PlanType> types;
  std::vector<ComponentItem> components;
  std::vector<std::shared_ptr<const InstanceItem>> instances;

  std::vector<CoreItem>& core_space(ast::Sort sort);
  // The scope `count` levels outwards; this one for 0. Null beyond the outermost.
  const PlanScope* outer(std::uint32_t count) const;
  std::optional<Item> item(ast::SortIdx at) const;
  // Appends to the index space of the item's sort.
  void push(const Item& item);
};

}  // namespace weft::component
