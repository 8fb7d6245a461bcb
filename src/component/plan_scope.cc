#include "component/plan_scope.h"

namespace weft::component {
namespace {

template <class T>
std::optional<Item> at(const std::vector<T>& space, std::uint32_t index) {
  if (index >= space.size()) return std::nullopt;
  return Item(space[index]);
}

}  // namespace

void InstanceItem::add(std::string name, Item item) {
  by_name.emplace(name, exports.size());
  exports.emplace_back(std::move(name), std::move(item));
}

const Item* InstanceItem::find(std::string_view name) const {
  auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &exports[found->second].second;
}

std::vector<CoreItem>& PlanScope::core_space(ast::Sort sort) {
  switch (sort) {
    case ast::Sort::core_table:
      return core_tables;
    case ast::Sort::core_memory:
      return core_memories;
    case ast::Sort::core_global:
      return core_globals;
    case ast::Sort::core_tag:
      return core_tags;
    default:
      return core_funcs;
  }
}

const PlanScope* PlanScope::outer(std::uint32_t count) const {
  const PlanScope* scope = this;
  for (; count > 0 && scope != nullptr; --count) scope = scope->parent;
  return scope;
}

std::optional<Item> PlanScope::item(ast::SortIdx where) const {
  switch (where.sort) {
    case ast::Sort::core_module:
      return at(core_modules, where.idx);
    case ast::Sort::func:
      return at(funcs, where.idx);
    case ast::Sort::type:
      return at(types, where.idx);
    case ast::Sort::component:
      return at(components, where.idx);
    case ast::Sort::instance:
      return at(instances, where.idx);
    default:
      return std::nullopt;
  }
}

void PlanScope::push(const Item& item) {
  struct Push {
    PlanScope& scope;
    void operator()(const FuncRef& func) { scope.funcs.push_back(func); }
    void operator()(const std::shared_ptr<const InstanceItem>& made) { scope.instances.push_back(made); }
    void operator()(const PlanType& type) { scope.types.push_back(type); }
    void operator()(const ModuleItem& module) { scope.core_modules.push_back(module); }
    void operator()(const ComponentItem& component) { scope.components.push_back(component); }
  };
  std::visit(Push{*this}, item);
}

}  // namespace weft::component
