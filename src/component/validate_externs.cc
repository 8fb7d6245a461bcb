// Validation of imports and exports, in components and in their types.
#include "component/subtyping.h"
#include "component/validator.h"

namespace weft::component {
namespace {

// Nodes of the tree that one import, export or instance stands for: traversals of types are bounded by it where
// they cannot remember what they have seen.
constexpr uint32_t kMaxTypeSize = 250'000;

}  // namespace

Result<ExternType> Validator::extern_type(Scope& scope, const ast::ExternDesc& desc) {
  if (const auto* type = std::get_if<ast::ExternType>(&desc)) {
    if (!type->bound.eq) return TypeItem{arena_.add_resource(arena_.fresh_resource()), true};
    TRY(AnyType any, type_at(scope, *type->bound.eq));
    // A new definition with an identity of its own.
    if (auto* value = std::get_if<const ValueType*>(&any)) *value = arena_.alias(*value);
    if (auto* resource = std::get_if<const ResourceType*>(&any)) *resource = arena_.alias(*resource);
    return TypeItem{any};
  }
  if (const auto* module = std::get_if<ast::ExternModule>(&desc)) {
    TRY(const CoreTypeEntry entry, at(scope.spaces.core_types, module->type, "type"));
    if (const auto* type = std::get_if<const ModuleType*>(&entry)) return *type;
    return fail(Errc::invalid, cat("core type index ", module->type, " is not a module type"));
  }
  const auto wrong = [](uint32_t index, std::string_view what) {
    return fail(Errc::invalid, cat("type index ", index, " is not ", what, " type"));
  };
  if (const auto* func = std::get_if<ast::ExternFunc>(&desc)) {
    TRY(const AnyType any, type_at(scope, func->type));
    if (const auto* type = std::get_if<const FuncType*>(&any)) return *type;
    return wrong(func->type, "a function");
  }
  if (const auto* instance = std::get_if<ast::ExternInstance>(&desc)) {
    TRY(const AnyType any, type_at(scope, instance->type));
    if (const auto* type = std::get_if<const InstanceType*>(&any)) return *type;
    return wrong(instance->type, "an instance");
  }
  const auto& component = std::get<ast::ExternComponent>(desc);
  TRY(const AnyType any, type_at(scope, component.type));
  if (const auto* type = std::get_if<const ComponentType*>(&any)) return *type;
  return wrong(component.type, "a component");
}

Result<void> Validator::push(Scope& scope, const ExternType& type) {
  if (tree_size(type) > kMaxTypeSize) return fail(Errc::limit, "effective type size exceeds the limit");
  IndexSpaces& spaces = scope.spaces;
  if (const auto* item = std::get_if<TypeItem>(&type)) {
    spaces.types.push_back(item->type);
  } else if (const auto* func = std::get_if<const FuncType*>(&type)) {
    spaces.funcs.push_back(*func);
  } else if (const auto* instance = std::get_if<const InstanceType*>(&type)) {
    spaces.instances.push_back(*instance);
  } else if (const auto* component = std::get_if<const ComponentType*>(&type)) {
    spaces.components.push_back(*component);
  } else {
    spaces.core_modules.push_back(std::get<const ModuleType*>(type));
  }
  return {};
}

Result<ExternType> Validator::introduce(Scope& scope, ExternType type, std::vector<ResourceId>& resources) {
  if (const auto* item = std::get_if<TypeItem>(&type); item != nullptr && item->is_sub_resource) {
    resources.push_back(std::get<const ResourceType*>(item->type)->id);
  }
  if (auto* instance = std::get_if<const InstanceType*>(&type);
      instance != nullptr && !(*instance)->resources.empty()) {
    Substitution fresh(arena_);
    for (const ResourceId id : (*instance)->resources) {
      resources.push_back(arena_.fresh_resource());
      fresh.bind(id, resources.back());
    }
    InstanceType opened;
    opened.exports = fresh.apply((*instance)->exports);
    *instance = arena_.add(std::move(opened));
  }
  CHECK_OK(push(scope, type));
  return type;
}

Result<void> Validator::check_extern(Scope& scope, NameScope& names, const ast::ExternName& extern_name,
                                     const ExternType& type) {
  CHECK_OK(name(names, extern_name, type));
  const auto* item = std::get_if<TypeItem>(&type);
  if (!make_visible(scope, names, type)) {
    CHECK_OK(check_work());
    return fail(Errc::invalid, cat(item != nullptr ? "type" : describe(type), " not valid to be used as ", names.role));
  }
  // A resource counts for [method]r.f and the like only here, where it gets its own name; the exports of an
  // inline instance are no such place.
  if (item == nullptr) return {};
  if (const auto* resource = std::get_if<const ResourceType*>(&item->type)) {
    names.resources.add(extern_name.name, (*resource)->id);
  }
  return {};
}

Result<void> Validator::add_import(Scope& scope, const ast::ExternName& import_name, ExternType type) {
  CHECK_OK(check_extern(scope, scope.import_scope, import_name, type));
  scope.imports.add({import_name, std::move(type)});
  return {};
}

Result<void> Validator::add_export(Scope& scope, const ast::ExternName& export_name, ExternType type) {
  CHECK_OK(check_extern(scope, scope.export_scope, export_name, type));
  scope.exports.add({export_name, std::move(type)});
  return {};
}

Result<void> Validator::import(Scope& scope, const ast::ExternName& import_name, const ast::ExternDesc& desc) {
  TRY(ExternType described, extern_type(scope, desc));
  TRY(ExternType type, introduce(scope, std::move(described), scope.imported_resources));
  return add_import(scope, import_name, std::move(type));
}

Result<void> Validator::export_decl(Scope& scope, const ast::ExternName& export_name, const ast::ExternDesc& desc) {
  TRY(ExternType described, extern_type(scope, desc));
  TRY(ExternType type, introduce(scope, std::move(described), scope.defined_resources));
  return add_export(scope, export_name, std::move(type));
}

Result<void> Validator::export_item(Scope& scope, const ast::Export& exported) {
  TRY(ExternType type, item(scope, exported.item));
  if (exported.type) {
    TRY(ExternType ascribed, extern_type(scope, *exported.type));
    Substitution actual(arena_), expected(arena_);
    if (const auto* sub = std::get_if<TypeItem>(&ascribed); sub != nullptr && sub->is_sub_resource) {
      expected.open({std::get<const ResourceType*>(sub->type)->id});
    }
    if (auto match = Subtyping(arena_, actual, expected).check(type, ascribed); !match) {
      return std::unexpected(
          std::move(match.error()).context("ascribed type of export is not compatible with item's type"));
    }
    type = std::move(ascribed);
  } else if (auto* type_item = std::get_if<TypeItem>(&type)) {
    if (auto* value = std::get_if<const ValueType*>(&type_item->type)) *value = arena_.alias(*value);
    if (auto* resource = std::get_if<const ResourceType*>(&type_item->type)) *resource = arena_.alias(*resource);
  }
  TRY(ExternType introduced, introduce(scope, std::move(type), scope.defined_resources));
  return add_export(scope, exported.name, std::move(introduced));
}

}  // namespace weft::component
