// Makes a link plan by walking a component's definitions in order, with items in place of indices.
//
// The component has been validated: an index out of bounds or of the wrong sort is a fault of the validator and ends
// planning with Errc::internal, never with a wrong plan.
#pragma once

#include <deque>
#include <tuple>

#include "component/composition.h"
#include "component/core_store.h"
#include "component/plan_scope.h"

namespace weft::component {

class Planner {
 public:
  explicit Planner(LinkPlan& plan) : plan_(plan) {}

  Result<void> run(const ast::Component& component);
  // The parts as instances of one that has nothing itself.
  Result<void> run(const ast::Component& component, const Composition& composition);

 private:
  using ScopePtr = PlanScope*;
  ScopePtr new_scope(const PlanScope* parent, std::uint32_t instance);

  // planner.cc: definitions
  Result<std::shared_ptr<const InstanceItem>> instantiate(const ComponentItem& component, const InstanceItem* args,
                                                          std::uint32_t depth, std::optional<std::uint32_t> parent);
  Result<void> define(const ast::Definition& definition, const ast::Component& component, ScopePtr scope,
                      const InstanceItem* args, InstanceItem& exports, std::uint32_t depth);
  Result<void> core_instance(const ast::CoreInstance& def, PlanScope& scope);
  Result<void> instance(const ast::Instance& def, PlanScope& scope, std::uint32_t depth);
  Result<void> alias(const ast::Alias& def, PlanScope& scope);
  Result<void> import(const ast::Import& def, ScopePtr scope, const InstanceItem* args);
  Result<Item> import_from_host(const ast::Import& def, ScopePtr scope);
  Result<std::uint32_t> module_of(const ast::Component& component, ast::ByteRange range);

  // planner_canon.cc: canonical definitions and slots
  Result<void> lift(const ast::CanonLift& def, PlanScope& scope);
  Result<void> lower(const ast::CanonLower& def, PlanScope& scope);
  Result<void> builtin(const ast::CanonBuiltin& def, PlanScope& scope);
  Result<CanonOptions> options(const ast::CanonOpts& opts, PlanScope& scope);
  Result<FuncSlotIndex> func_slot(const PlanScope& scope, std::uint32_t core_func);
  Result<MemorySlotIndex> memory_slot(const PlanScope& scope, std::uint32_t core_memory);
  Result<TableSlotIndex> table_slot(const PlanScope& scope, std::uint32_t core_table);
  Result<void> trampoline(Trampoline trampoline, PlanScope& scope);

  // planner_types.cc: types, and imports of the outermost component made from them
  Result<PlanType> type(const ast::DefType& def, ScopePtr scope);
  Result<abi::TypeRef> value_type(const ast::ValType& type, const PlanScope& scope);
  Result<abi::TypeRef> optional_type(const std::optional<ast::ValType>& type, const PlanScope& scope);
  Result<abi::ResourceIndex> resource_at(const PlanScope& scope, std::uint32_t index);
  Result<Item> host_item(const ast::ExternDesc& type, ScopePtr scope, const std::string& interface,
                         const std::string& name);
  Result<std::shared_ptr<const InstanceItem>> host_instance(const ast::InstanceType& type, ScopePtr scope,
                                                            const std::string& interface);
  Result<abi::ResourceIndex> new_resource(Resource resource);

  Result<void> count_item();

  struct Slots {
    std::map<std::tuple<CoreItem::Kind, std::uint32_t, std::string>, std::uint32_t> by_item;
  };

  LinkPlan& plan_;
  std::deque<PlanScope> scopes_;  // items refer to them, also in circles: they live as long as the planner
  Slots func_slots_, memory_slots_, table_slots_;
  std::map<std::size_t, std::uint32_t> modules_by_offset_;
  std::vector<std::vector<std::pair<std::string, std::string>>> module_imports_;
  std::map<std::tuple<std::string, std::string, std::string>, std::uint32_t> host_funcs_;  // and why it is denied
  std::map<std::pair<std::string, std::string>, abi::ResourceIndex> host_resources_;
  CoreTypeStore core_types_;
  std::uint32_t items_ = 0;
  std::map<std::string, std::string, std::less<>> denied_;  // imports of the part that is instantiated
  std::string denial_;                                      // of the one that is made
};

inline std::unexpected<Error> not_validated(std::string_view what) {
  return fail(Errc::internal, "the component was not validated: " + std::string(what));
}

}  // namespace weft::component
