// The validator: one pass over the definitions in binary order. Each group of members is one file.
// Member functions fail without position; define() and declare() add the offset of the definition.
#pragma once

#include "component/scope.h"
#include "component/substitution.h"
#include "component/text.h"
#include "util/pinned.h"

namespace weft::component {

class Validator : private Pinned {
 public:
  explicit Validator(Validated& result, TypeArena& arena) : result_(result), arena_(arena) {}

  // validate.cc
  Result<const ComponentType*> component(const ast::Component& component, Scope* parent);

 private:
  // validate.cc: dispatch
  Result<void> define(Scope& scope, const ast::Component& component, const ast::Definition& definition);
  Result<void> declare(Scope& scope, const ast::Decl& decl);
  Result<void> check_work() const;

  // validate_types.cc
  Result<void> type(Scope& scope, const ast::DefType& type);
  Result<AnyType> def_type(Scope& scope, const ast::DefType& type);
  Result<const ValueType*> value_type(Scope& scope, const ast::DefType& type);
  Result<const ValueType*> value_ref(Scope& scope, const ast::ValType& type);
  Result<const ValueType*> value_ref(Scope& scope, const std::optional<ast::ValType>& type);
  Result<std::vector<Field>> fields(Scope& scope, const std::vector<ast::LabelValType>& fields, std::string_view what,
                                    std::string_view short_what);
  Result<const FuncType*> func_type(Scope& scope, const ast::FuncType& type);
  Result<const ComponentType*> component_type(Scope& scope, const ast::ComponentType& type);
  Result<const InstanceType*> instance_type(Scope& scope, const ast::InstanceType& type);
  Result<const ResourceType*> resource_type(Scope& scope, const ast::ResourceType& type);
  Result<AnyType> type_at(Scope& scope, uint32_t index);
  Result<const ResourceType*> resource_at(Scope& scope, uint32_t index);

  // validate_core.cc: core modules, instances and types
  Result<void> core_module(Scope& scope, const ast::Component& component, const ast::CoreModule& module);
  Result<void> core_type(Scope& scope, const ast::CoreType& type);
  Result<const ModuleType*> core_module_type(Scope& scope, const ast::CoreModuleType& type);
  Result<void> core_instance(Scope& scope, const ast::CoreInstance& instance);
  Result<const CoreExportMap*> core_instantiate(Scope& scope, const ast::CoreInstantiate& expr);
  Result<CoreExternType> core_item(Scope& scope, ast::SortIdx item);
  Result<void> core_export_alias(Scope& scope, ast::Sort sort, const ast::CoreExportAlias& alias);

  // validate_instances.cc: instances and aliases
  Result<void> instance(Scope& scope, const ast::Instance& instance);
  Result<const InstanceType*> instantiate(Scope& scope, const ast::Instantiate& expr);
  Result<const InstanceType*> inline_exports(Scope& scope, const std::vector<ast::InlineExport>& exports);
  Result<ExternType> item(Scope& scope, ast::SortIdx item);
  Result<void> alias(Scope& scope, const ast::Alias& alias);
  Result<void> export_alias(Scope& scope, ast::Sort sort, const ast::ExportAlias& alias);
  Result<void> outer_alias(Scope& scope, ast::Sort sort, const ast::OuterAlias& alias);

  // validate_externs.cc: imports and exports
  Result<void> import(Scope& scope, const ast::ExternName& name, const ast::ExternDesc& desc);
  Result<void> export_decl(Scope& scope, const ast::ExternName& name, const ast::ExternDesc& desc);
  Result<void> export_item(Scope& scope, const ast::Export& item);
  Result<ExternType> extern_type(Scope& scope, const ast::ExternDesc& desc);
  // Makes the resources of an imported or exported type fresh, appends them to `resources`, and adds to the index
  // space.
  Result<ExternType> introduce(Scope& scope, ExternType type, std::vector<ResourceId>& resources);
  Result<void> push(Scope& scope, const ExternType& type);
  Result<void> check_extern(Scope& scope, NameScope& names, const ast::ExternName& extern_name, const ExternType& type);
  Result<void> add_import(Scope& scope, const ast::ExternName& name, ExternType type);
  Result<void> add_export(Scope& scope, const ast::ExternName& name, ExternType type);

  // validate_names.cc
  Result<void> name(NameScope& scope, const ast::ExternName& name, const ExternType& type);
  // visibility.cc
  bool make_visible(Scope& scope, NameScope& names, const ExternType& type);

  // validate_canon.cc
  Result<void> lift(Scope& scope, const ast::CanonLift& canon);
  Result<void> lower(Scope& scope, const ast::CanonLower& canon);
  Result<void> builtin_def(Scope& scope, const ast::CanonBuiltin& canon);
  Result<CoreFuncType> builtin(Scope& scope, const ast::CanonBuiltin& canon);
  Result<CoreFuncType> task_return(Scope& scope, const ast::CanonBuiltin& canon);
  Result<CoreFuncType> thread_new_indirect(Scope& scope, const ast::CanonBuiltin& canon);
  Result<void> canon_opts(Scope& scope, const ast::CanonOpts& opts, bool is_lift);
  Result<void> copy_opts(Scope& scope, const ast::CanonOpts& opts, const ValueType* element, bool incoming);
  Result<void> option_func(Scope& scope, std::optional<uint32_t> index, std::string_view option,
                           const CoreFuncType& expected);
  static Result<void> check_incoming(const ast::CanonOpts& opts, const ValueType* type);
  static Result<void> check_outgoing(const ast::CanonOpts& opts, const ValueType* type);
  Result<const CoreFuncType*> core_func(Scope& scope, uint32_t index);
  Result<void> memory_at(Scope& scope, uint32_t index);
  Result<void> local_resource(Scope& scope, uint32_t index);
  Result<const ValueType*> value_type_at(Scope& scope, uint32_t index);
  Result<const ValueType*> stream_element(Scope& scope, const ast::CanonBuiltin& canon);
  Result<const ValueType*> future_element(Scope& scope, const ast::CanonBuiltin& canon);

  // The item of `sort` at `index`, or "unknown WHAT 5: WHAT index out of bounds".
  template <class T>
  static Result<T> at(const std::vector<T>& space, uint32_t index, std::string_view what) {
    if (index < space.size()) return space[index];
    return fail(Errc::invalid, cat("unknown ", what, " ", index, ": ", what, " index out of bounds"));
  }

  Validated& result_;
  TypeArena& arena_;
};

}  // namespace weft::component
