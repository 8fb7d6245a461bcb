// Validation of component instances and of aliases.
#include "component/subtyping.h"
#include "component/validator.h"

namespace weft::component {
namespace {

constexpr std::string_view only_types = "aliases in a component or instance type may only refer to types or instances";

std::string_view sort_name(ast::Sort sort) {
  switch (sort) {
    case ast::Sort::core_module:
      return "module";
    case ast::Sort::func:
      return "function";
    case ast::Sort::type:
      return "type";
    case ast::Sort::component:
      return "component";
    case ast::Sort::instance:
      return "instance";
    default:
      return "core definition";
  }
}

bool has_sort(const ExternType& type, ast::Sort sort) {
  switch (sort) {
    case ast::Sort::core_module:
      return std::holds_alternative<const ModuleType*>(type);
    case ast::Sort::func:
      return std::holds_alternative<const FuncType*>(type);
    case ast::Sort::type:
      return std::holds_alternative<TypeItem>(type);
    case ast::Sort::component:
      return std::holds_alternative<const ComponentType*>(type);
    case ast::Sort::instance:
      return std::holds_alternative<const InstanceType*>(type);
    default:
      return false;
  }
}

}  // namespace

Result<ExternType> Validator::item(Scope& scope, ast::SortIdx item) {
  const IndexSpaces& spaces = scope.spaces;
  switch (item.sort) {
    case ast::Sort::core_module:
      return at(spaces.core_modules, item.idx, "module");
    case ast::Sort::func:
      return at(spaces.funcs, item.idx, "function");
    case ast::Sort::type: {
      TRY(const AnyType type, at(spaces.types, item.idx, "type"));
      return TypeItem{type};
    }
    case ast::Sort::component:
      return at(spaces.components, item.idx, "component");
    case ast::Sort::instance:
      return at(spaces.instances, item.idx, "instance");
    default:
      return fail(Errc::invalid, "core definitions other than modules cannot be exported or passed as arguments");
  }
}

Result<void> Validator::instance(Scope& scope, const ast::Instance& instance) {
  const InstanceType* type = nullptr;
  if (const auto* expr = std::get_if<ast::Instantiate>(&instance.expr)) {
    TRY(type, instantiate(scope, *expr));
  } else {
    TRY(type, inline_exports(scope, std::get<std::vector<ast::InlineExport>>(instance.expr)));
  }
  scope.spaces.instances.push_back(type);
  return {};
}

// Matches the arguments to the imports in order. Each resource that an import introduces is bound to the one
// supplied, and so specialises all later imports and the exports.
Result<const InstanceType*> Validator::instantiate(Scope& scope, const ast::Instantiate& expr) {
  TRY(const ComponentType* component, at(scope.spaces.components, expr.component, "component"));
  std::unordered_map<std::string_view, ExternType> args;
  for (const ast::InstantiateArg& arg : expr.args) {
    TRY(ExternType type, item(scope, arg.item));
    if (!args.emplace(arg.name, std::move(type)).second) {
      return fail(Errc::invalid,
                  cat("instantiation argument `", arg.name, "` conflicts with previous argument `", arg.name, "`"));
    }
  }
  Substitution supplied(arena_), specialised(arena_);
  specialised.open(component->imported_resources);
  specialised.adopt_definitions();
  Subtyping subtyping(arena_, supplied, specialised);
  for (const ExternItem& import : component->imports) {
    const auto arg = args.find(import.name.name);
    if (arg == args.end()) return fail(Errc::invalid, cat("missing import named `", import.name.name, "`"));
    if (auto match = subtyping.check(arg->second, import.type); !match) {
      return std::unexpected(
          std::move(match.error()).context(cat("type mismatch for import `", import.name.name, "`")));
    }
  }
  arena_.spend(component->defined_resources.size());
  for (const ResourceId id : component->defined_resources) {
    const ResourceId fresh = arena_.fresh_resource();
    specialised.bind(id, fresh);
    scope.defined_resources.push_back(fresh);
  }
  InstanceType type;
  type.exports = specialised.apply(component->exports);
  return arena_.add(std::move(type));
}

Result<const InstanceType*> Validator::inline_exports(Scope& scope, const std::vector<ast::InlineExport>& exports) {
  InstanceType type;
  NameScope names{"export", {}, {}, {}};
  for (const ast::InlineExport& inline_export : exports) {
    TRY(ExternType exported, item(scope, inline_export.item));
    CHECK_OK(name(names, inline_export.name, exported));
    type.exports.add({inline_export.name, std::move(exported)});
  }
  return arena_.add(std::move(type));
}

Result<void> Validator::alias(Scope& scope, const ast::Alias& alias) {
  const bool in_type = scope.kind != Scope::Kind::component;
  if (const auto* target = std::get_if<ast::ExportAlias>(&alias.target)) {
    if (in_type && alias.sort != ast::Sort::type && alias.sort != ast::Sort::instance) {
      return fail(Errc::invalid, std::string(only_types));
    }
    return export_alias(scope, alias.sort, *target);
  }
  if (const auto* target = std::get_if<ast::CoreExportAlias>(&alias.target)) {
    if (in_type) return fail(Errc::invalid, std::string(only_types));
    return core_export_alias(scope, alias.sort, *target);
  }
  if (in_type && alias.sort != ast::Sort::type && alias.sort != ast::Sort::core_type) {
    return fail(Errc::invalid, std::string(only_types));
  }
  return outer_alias(scope, alias.sort, std::get<ast::OuterAlias>(alias.target));
}

Result<void> Validator::export_alias(Scope& scope, ast::Sort sort, const ast::ExportAlias& alias) {
  TRY(const InstanceType* instance, at(scope.spaces.instances, alias.instance, "instance"));
  const ExternType* type = instance->exports.find(alias.name);
  if (type == nullptr) {
    return fail(Errc::invalid, cat("instance ", alias.instance, " has no export named `", alias.name, "`"));
  }
  if (!has_sort(*type, sort)) {
    return fail(Errc::invalid,
                cat("export `", alias.name, "` for instance ", alias.instance, " is not a ", sort_name(sort)));
  }
  return push(scope, *type);
}

Result<void> Validator::outer_alias(Scope& scope, ast::Sort sort, const ast::OuterAlias& alias) {
  Scope* target = &scope;
  bool crosses_component = false;
  for (uint32_t i = 0; i < alias.count && target != nullptr; ++i) {
    crosses_component = crosses_component || target->kind == Scope::Kind::component;
    target = target->parent;
  }
  if (target == nullptr) return fail(Errc::invalid, cat("invalid outer alias count of ", alias.count));
  switch (sort) {
    case ast::Sort::core_module: {
      TRY(const ModuleType* module, at(target->spaces.core_modules, alias.idx, "module"));
      scope.spaces.core_modules.push_back(module);
      return {};
    }
    case ast::Sort::core_type: {
      TRY(const CoreTypeEntry type, at(target->spaces.core_types, alias.idx, "type"));
      scope.add_core_type(type);
      return {};
    }
    case ast::Sort::component: {
      TRY(const ComponentType* component, at(target->spaces.components, alias.idx, "component"));
      scope.spaces.components.push_back(component);
      return {};
    }
    default: {
      TRY(const AnyType type, at(target->spaces.types, alias.idx, "type"));
      if (crosses_component && has_free_resources(arena_, type)) {
        return fail(Errc::invalid,
                    "refers to resources not defined in the current component: an outer alias across a component "
                    "cannot name a type that transitively refers to resources");
      }
      scope.spaces.types.push_back(type);
      return {};
    }
  }
}

}  // namespace weft::component
