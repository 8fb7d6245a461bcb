// Validation of core modules, core instances and core types.
#include "component/reader.h"
#include "component/validator.h"

namespace weft::component {
namespace {

Result<void> in_context(Result<void> result, std::string where) {
  if (result) return result;
  return std::unexpected(std::move(result.error()).context(where));
}

}  // namespace

Result<void> Validator::core_module(Scope& scope, const ast::Component& component, const ast::CoreModule& module) {
  TRY(CoreModuleInterface interface, read_module_interface(*component.bytes, module.range, arena_.core_types()));
  scope.spaces.core_modules.push_back(arena_.add(std::move(interface)));
  return {};
}

Result<void> Validator::core_type(Scope& scope, const ast::CoreType& type) {
  if (const auto* module = std::get_if<std::shared_ptr<const ast::CoreModuleType>>(&type.type)) {
    TRY(const ModuleType* made, core_module_type(scope, **module));
    scope.add_core_type(made);
    return {};
  }
  const auto& rec = std::get<CoreRecType>(type.type);
  TRY(const std::vector<uint32_t> ids, arena_.core_types().add(rec, scope.core_type_ids));
  for (const uint32_t id : ids) scope.add_core_type(id);
  return {};
}

Result<const ModuleType*> Validator::core_module_type(Scope& scope, const ast::CoreModuleType& type) {
  CoreModuleInterface interface;
  std::vector<uint32_t> types;
  const auto declare_one = [&](const ast::CoreModuleDecl& decl) -> Result<void> {
    if (const auto* import = std::get_if<CoreImport>(&decl.decl)) {
      TRY(CoreExternType resolved, resolve(import->type, types));
      CHECK_OK(check_limits(resolved));
      interface.imports.push_back({import->module, import->name, std::move(resolved)});
      return {};
    }
    if (const auto* item = std::get_if<CoreExport>(&decl.decl)) {
      TRY(CoreExternType resolved, resolve(item->type, types));
      CHECK_OK(check_limits(resolved));
      interface.exports.push_back({item->name, std::move(resolved)});
      return {};
    }
    if (const auto* core_type_decl = std::get_if<ast::CoreType>(&decl.decl)) {
      const auto* rec = std::get_if<CoreRecType>(&core_type_decl->type);
      if (rec == nullptr) return fail(Errc::invalid, "a module type cannot define another module type");
      TRY(const std::vector<uint32_t> ids, arena_.core_types().add(*rec, types));
      types.insert(types.end(), ids.begin(), ids.end());
      return {};
    }
    const auto& alias = std::get<ast::CoreOuterAlias>(decl.decl);
    if (alias.count == 0) {
      TRY(const uint32_t id, at(types, alias.idx, "type"));
      types.push_back(id);
      return {};
    }
    Scope* target = &scope;
    for (uint32_t i = 1; i < alias.count && target != nullptr; ++i) target = target->parent;
    if (target == nullptr) return fail(Errc::invalid, cat("invalid outer alias count of ", alias.count));
    TRY(const CoreTypeEntry entry, at(target->spaces.core_types, alias.idx, "type"));
    const auto* id = std::get_if<uint32_t>(&entry);
    if (id == nullptr) return fail(Errc::invalid, "a module type cannot alias another module type");
    types.push_back(*id);
    return {};
  };
  for (const ast::CoreModuleDecl& decl : type.decls) {
    if (const auto result = declare_one(decl); !result) {
      return std::unexpected(error_at(result.error().code(), decl.offset, result.error().message()));
    }
  }
  CHECK_OK(check_unique_names(interface));
  return arena_.add(std::move(interface));
}

Result<void> Validator::core_instance(Scope& scope, const ast::CoreInstance& instance) {
  if (const auto* expr = std::get_if<ast::CoreInstantiate>(&instance.expr)) {
    TRY(const CoreExportMap* exports, core_instantiate(scope, *expr));
    scope.spaces.core_instances.push_back(exports);
    return {};
  }
  CoreExportMap exports;
  for (const ast::CoreInlineExport& item : std::get<std::vector<ast::CoreInlineExport>>(instance.expr)) {
    TRY(CoreExternType type, core_item(scope, item.item));
    if (!exports.emplace(item.name, std::move(type)).second) {
      return fail(Errc::invalid, cat("export name `", item.name, "` already defined"));
    }
  }
  scope.spaces.core_instances.push_back(arena_.add(std::move(exports)));
  return {};
}

Result<const CoreExportMap*> Validator::core_instantiate(Scope& scope, const ast::CoreInstantiate& expr) {
  TRY(const ModuleType* module, at(scope.spaces.core_modules, expr.module, "module"));
  std::unordered_map<std::string_view, const CoreExportMap*> args;
  for (const ast::CoreInstantiateArg& arg : expr.args) {
    TRY(const CoreExportMap* exports, at(scope.spaces.core_instances, arg.instance, "core instance"));
    if (!args.emplace(arg.name, exports).second) {
      return fail(Errc::invalid, cat("duplicate module instantiation argument named `", arg.name, "`"));
    }
  }
  arena_.spend(module->interface.imports.size());
  for (const CoreImport& import : module->interface.imports) {
    const auto arg = args.find(import.module);
    if (arg == args.end()) {
      return fail(Errc::invalid, cat("missing module instantiation argument named `", import.module, "`"));
    }
    const auto item = arg->second->find(import.name);
    if (item == arg->second->end()) {
      return fail(Errc::invalid, cat("module instantiation argument `", import.module,
                                     "` does not export an item named `", import.name, "`"));
    }
    CHECK_OK(in_context(
        arena_.core_types().match(item->second, import.type),
        cat("type mismatch for export `", import.name, "` of module instantiation argument `", import.module, "`")));
  }
  return &module->exports_by_name;
}

Result<CoreExternType> Validator::core_item(Scope& scope, ast::SortIdx item) {
  const IndexSpaces& spaces = scope.spaces;
  switch (item.sort) {
    case ast::Sort::core_func: {
      TRY(const uint32_t type, at(spaces.core_funcs, item.idx, "function"));
      return CoreFuncRef{type};
    }
    case ast::Sort::core_table:
      return at(spaces.core_tables, item.idx, "table");
    case ast::Sort::core_memory:
      return at(spaces.core_memories, item.idx, "memory");
    case ast::Sort::core_global:
      return at(spaces.core_globals, item.idx, "global");
    case ast::Sort::core_tag: {
      TRY(const uint32_t type, at(spaces.core_tags, item.idx, "tag"));
      return CoreTagType{type};
    }
    default:
      return fail(Errc::invalid, "core instances export functions, tables, memories, globals and tags only");
  }
}

Result<void> Validator::core_export_alias(Scope& scope, ast::Sort sort, const ast::CoreExportAlias& alias) {
  TRY(const CoreExportMap* exports, at(scope.spaces.core_instances, alias.instance, "core instance"));
  const auto it = exports->find(alias.name);
  if (it == exports->end()) {
    return fail(Errc::invalid, cat("core instance ", alias.instance, " has no export named `", alias.name, "`"));
  }
  IndexSpaces& spaces = scope.spaces;
  const CoreExternType& type = it->second;
  // Adds to `space` if the export is of the sort that goes there.
  const auto add = [&]<class T>(std::vector<T>& space, const auto* found, const auto& entry_of) {
    if (found != nullptr) space.push_back(entry_of(*found));
    return found != nullptr;
  };
  const auto whole = [](const auto& found) { return found; };
  const auto type_id = [](const auto& found) { return found.type; };
  bool added = false;
  std::string_view wanted = "type, module or instance";
  switch (sort) {
    case ast::Sort::core_func:
      wanted = "function";
      added = add(spaces.core_funcs, std::get_if<CoreFuncRef>(&type), type_id);
      break;
    case ast::Sort::core_table:
      wanted = "table";
      added = add(spaces.core_tables, std::get_if<CoreTableType>(&type), whole);
      break;
    case ast::Sort::core_memory:
      wanted = "memory";
      added = add(spaces.core_memories, std::get_if<CoreMemoryType>(&type), whole);
      break;
    case ast::Sort::core_global:
      wanted = "global";
      added = add(spaces.core_globals, std::get_if<CoreGlobalType>(&type), whole);
      break;
    case ast::Sort::core_tag:
      wanted = "tag";
      added = add(spaces.core_tags, std::get_if<CoreTagType>(&type), type_id);
      break;
    default:
      break;
  }
  if (added) return {};
  return fail(Errc::invalid, cat("export `", alias.name, "` for core instance ", alias.instance, " is not a ", wanted));
}

}  // namespace weft::component
