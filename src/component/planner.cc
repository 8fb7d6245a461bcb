#include "component/planner.h"

#include "component/bypass.h"
#include "component/composition.h"
#include "component/core_module.h"

namespace weft::component {
namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

Result<ExportItem> exported(const Item& item, std::uint32_t depth);

Result<void> exported(const InstanceItem& instance, ExportedInstance& out, std::uint32_t depth) {
  if (depth > max_export_depth) return fail(Errc::limit, "exported instances are nested too deeply");
  for (const auto& [name, item] : instance.exports) {
    TRY(auto made, exported(item, depth));
    out.items.emplace_back(name, std::move(made));
  }
  return {};
}

Result<ExportItem> exported(const Item& item, std::uint32_t depth) {
  return std::visit(Overload{
                        [](const FuncRef& func) -> Result<ExportItem> { return func; },
                        [&](const std::shared_ptr<const InstanceItem>& instance) -> Result<ExportItem> {
                          auto inner = std::make_shared<ExportedInstance>();
                          CHECK_OK(exported(*instance, *inner, depth + 1));
                          return std::shared_ptr<const ExportedInstance>(std::move(inner));
                        },
                        [](const PlanType&) -> Result<ExportItem> { return ExportedType{}; },
                        [](const ModuleItem& module) -> Result<ExportItem> { return ExportedModule{module.module}; },
                        [](const ComponentItem&) -> Result<ExportItem> { return ExportedComponent{}; },
                    },
                    item);
}

}  // namespace

Result<void> Planner::count_item() {
  if (++items_ > max_plan_items) {
    return fail(Errc::limit,
                "the component's instantiations come to more than " + std::to_string(max_plan_items) + " steps");
  }
  return {};
}

Planner::ScopePtr Planner::new_scope(const PlanScope* parent, std::uint32_t instance) {
  PlanScope& scope = scopes_.emplace_back();
  scope.parent = parent;
  scope.instance = instance;
  return &scope;
}

Result<void> Planner::run(const ast::Component& component) {
  plan_.bytes = component.bytes;
  TRY(auto root, instantiate({&component, nullptr}, nullptr, 0, std::nullopt));
  return exported(*root, plan_.exports, 0);
}

Result<void> Planner::run(const ast::Component& component, const Composition& composition) {
  plan_.bytes = component.bytes;
  plan_.instance_parents.emplace_back(std::nullopt);
  std::vector<std::shared_ptr<const InstanceItem>> made;
  for (std::uint32_t part = 0; part < composition.parts.size(); ++part) {
    InstanceItem args;
    for (const Link& link : composition.wiring.links) {
      if (link.part != part) continue;
      const Item* item = made[link.from]->find(link.export_name);
      if (item == nullptr) return not_validated("link to " + link.export_name);
      args.add(link.import, *item);
    }
    denied_.clear();
    for (const Denied& denied : composition.wiring.denied) {
      if (denied.part == part) denied_.emplace(denied.import, denied.reason);
    }
    TRY(made.emplace_back(), instantiate({composition.parts[part], nullptr}, &args, 1, 0));
  }
  return exported(*made.back(), plan_.exports, 0);
}

Result<std::shared_ptr<const InstanceItem>> Planner::instantiate(const ComponentItem& component,
                                                                 const InstanceItem* args, std::uint32_t depth,
                                                                 std::optional<std::uint32_t> parent) {
  if (depth > max_plan_depth) return fail(Errc::limit, "component instances are nested too deeply");
  const ScopePtr scope = new_scope(component.scope, static_cast<std::uint32_t>(plan_.instance_parents.size()));
  plan_.instance_parents.push_back(parent);
  auto exports = std::make_shared<InstanceItem>();
  for (const ast::Definition& definition : component.component->definitions) {
    CHECK_OK(count_item());
    CHECK_OK(define(definition, *component.component, scope, args, *exports, depth));
  }
  return exports;
}

Result<void> Planner::define(const ast::Definition& definition, const ast::Component& component, ScopePtr scope,
                             const InstanceItem* args, InstanceItem& exports, std::uint32_t depth) {
  return std::visit(Overload{
                        [](const ast::CustomSection&) -> Result<void> { return {}; },
                        [](const ast::CoreType&) -> Result<void> { return {}; },
                        [&](const ast::CoreModule& def) -> Result<void> {
                          TRY(auto module, module_of(component, def.range));
                          scope->core_modules.push_back({module});
                          return {};
                        },
                        [&](const ast::CoreInstance& def) { return core_instance(def, *scope); },
                        [&](const ast::NestedComponent& def) -> Result<void> {
                          scope->components.push_back({def.get(), scope});
                          return {};
                        },
                        [&](const ast::Instance& def) { return instance(def, *scope, depth); },
                        [&](const ast::Alias& def) { return alias(def, *scope); },
                        [&](const ast::Type& def) -> Result<void> {
                          TRY(auto item, type(def.type, scope));
                          scope->types.push_back(std::move(item));
                          return {};
                        },
                        [&](const ast::CanonLift& def) { return lift(def, *scope); },
                        [&](const ast::CanonLower& def) { return lower(def, *scope); },
                        [&](const ast::CanonBuiltin& def) { return builtin(def, *scope); },
                        [&](const ast::Import& def) { return import(def, scope, args); },
                        [&](const ast::Export& def) -> Result<void> {
                          auto item = scope->item(def.item);
                          if (!item) return not_validated("export " + def.name.name);
                          scope->push(*item);
                          exports.add(def.name.name, std::move(*item));
                          return {};
                        },
                    },
                    definition.def);
}

Result<std::uint32_t> Planner::module_of(const ast::Component& component, ast::ByteRange range) {
  auto [found, fresh] = modules_by_offset_.emplace(range.offset, plan_.modules.size());
  if (fresh) {
    TRY(auto interface, read_module_interface(*component.bytes, range, core_types_));
    std::vector<std::pair<std::string, std::string>> names;
    for (CoreImport& import : interface.imports) names.emplace_back(std::move(import.module), std::move(import.name));
    plan_.modules.push_back(range);
    module_imports_.push_back(std::move(names));
  }
  return found->second;
}

Result<void> Planner::core_instance(const ast::CoreInstance& def, PlanScope& scope) {
  CoreInstanceItem made;
  if (const auto* items = std::get_if<std::vector<ast::CoreInlineExport>>(&def.expr)) {
    for (const ast::CoreInlineExport& item : *items) {
      auto& space = scope.core_space(item.item.sort);
      if (item.item.idx >= space.size()) return not_validated("inline core export " + item.name);
      made.bundle.emplace(item.name, CoreExportItem{item.item.sort, space[item.item.idx]});
    }
    scope.core_instances.push_back(std::move(made));
    return {};
  }
  const auto& instantiate = std::get<ast::CoreInstantiate>(def.expr);
  if (instantiate.module >= scope.core_modules.size()) return not_validated("core module index");
  InstantiateCore step;
  step.module = scope.core_modules[instantiate.module].module;
  step.core_instance = plan_.core_instances++;
  step.instance = scope.instance;
  std::map<std::string, std::uint32_t, std::less<>> args;
  for (const auto& arg : instantiate.args) args.emplace(arg.name, arg.instance);
  for (const auto& [module, name] : module_imports_[step.module]) {
    CHECK_OK(count_item());
    auto arg = args.find(module);
    if (arg == args.end() || arg->second >= scope.core_instances.size()) return not_validated("argument " + module);
    const CoreInstanceItem& from = scope.core_instances[arg->second];
    if (from.made) {
      step.imports.push_back({CoreItem::Kind::instance_export, *from.made, name});
    } else {
      auto item = from.bundle.find(name);
      if (item == from.bundle.end()) return not_validated("argument " + module + " lacks " + name);
      step.imports.push_back(item->second.item);
    }
  }
  made.made = step.core_instance;
  plan_.steps.emplace_back(std::move(step));
  scope.core_instances.push_back(std::move(made));
  return {};
}

Result<void> Planner::instance(const ast::Instance& def, PlanScope& scope, std::uint32_t depth) {
  if (const auto* items = std::get_if<std::vector<ast::InlineExport>>(&def.expr)) {
    auto made = std::make_shared<InstanceItem>();
    for (const ast::InlineExport& item : *items) {
      auto found = scope.item(item.item);
      if (!found) return not_validated("inline export " + item.name.name);
      made->add(item.name.name, std::move(*found));
    }
    scope.instances.push_back(std::move(made));
    return {};
  }
  const auto& instantiation = std::get<ast::Instantiate>(def.expr);
  if (instantiation.component >= scope.components.size()) return not_validated("component index");
  InstanceItem args;
  for (const ast::InstantiateArg& arg : instantiation.args) {
    CHECK_OK(count_item());
    auto item = scope.item(arg.item);
    if (!item) return not_validated("argument " + arg.name);
    args.add(arg.name, std::move(*item));
  }
  const ComponentItem component = scope.components[instantiation.component];
  TRY(auto made, instantiate(component, &args, depth + 1, scope.instance));
  scope.instances.push_back(std::move(made));
  return {};
}

Result<void> Planner::alias(const ast::Alias& def, PlanScope& scope) {
  if (const auto* target = std::get_if<ast::ExportAlias>(&def.target)) {
    if (target->instance >= scope.instances.size()) return not_validated("instance index");
    const Item* item = scope.instances[target->instance]->find(target->name);
    if (item == nullptr) return not_validated("alias of " + target->name);
    scope.push(*item);
    return {};
  }
  if (const auto* target = std::get_if<ast::CoreExportAlias>(&def.target)) {
    if (target->instance >= scope.core_instances.size()) return not_validated("core instance index");
    const CoreInstanceItem& instance = scope.core_instances[target->instance];
    if (instance.made) {
      scope.core_space(def.sort).push_back({CoreItem::Kind::instance_export, *instance.made, target->name});
      return {};
    }
    auto item = instance.bundle.find(target->name);
    if (item == instance.bundle.end()) return not_validated("core alias of " + target->name);
    scope.core_space(def.sort).push_back(item->second.item);
    return {};
  }
  const auto& target = std::get<ast::OuterAlias>(def.target);
  if (def.sort == ast::Sort::core_type) return {};
  const PlanScope* outer = scope.outer(target.count);
  auto item = outer == nullptr ? std::nullopt : outer->item({def.sort, target.idx});
  if (!item) return not_validated("outer alias");
  scope.push(*item);
  return {};
}

Result<void> Planner::import(const ast::Import& def, ScopePtr scope, const InstanceItem* args) {
  const Item* given = args == nullptr ? nullptr : args->find(def.name.name);
  if (given != nullptr) {
    scope->push(*given);
    return {};
  }
  // The host gives what nobody else does, to the outermost component and to the parts of a composition.
  if (scope->parent != nullptr) return not_validated("missing argument " + def.name.name);
  TRY(auto item, import_from_host(def, scope));
  scope->push(item);
  return {};
}

Result<Item> Planner::import_from_host(const ast::Import& def, ScopePtr scope) {
  const auto denied = denied_.find(def.name.name);
  denial_ = denied == denied_.end() ? "" : denied->second;
  return host_item(def.type, scope, "", def.name.name);
}

const ExportItem* ExportedInstance::find(std::string_view name) const {
  for (const auto& [key, item] : items) {
    if (key == name) return &item;
  }
  return nullptr;
}

const abi::FuncType* LinkPlan::type_of(FuncRef func) const {
  return func.kind == FuncRef::Kind::lift ? lifts[func.index].type : host_funcs[func.index].type;
}

Result<std::unique_ptr<LinkPlan>> make_plan(const ast::Component& component, Bypass mode) {
  return make_plan(component, std::nullopt, mode);
}

Result<std::unique_ptr<LinkPlan>> make_plan(const ast::Component& component,
                                            const std::optional<Composition>& composition, Bypass mode) {
  auto plan = std::make_unique<LinkPlan>();
  Planner planner(*plan);
  CHECK_OK(composition ? planner.run(component, *composition) : planner.run(component));
  if (mode == Bypass::where_exact) bypass(*plan);
  return plan;
}

}  // namespace weft::component
