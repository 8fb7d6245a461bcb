#include "component/import_track.h"
#include "component/planner.h"
#include "gaps/gaps.h"

namespace weft::component {
namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

abi::Kind kind_of(ast::PrimValType type) {
  switch (type) {
    case ast::PrimValType::bool_:
      return abi::Kind::boolean;
    case ast::PrimValType::s8:
      return abi::Kind::s8;
    case ast::PrimValType::u8:
      return abi::Kind::u8;
    case ast::PrimValType::s16:
      return abi::Kind::s16;
    case ast::PrimValType::u16:
      return abi::Kind::u16;
    case ast::PrimValType::s32:
      return abi::Kind::s32;
    case ast::PrimValType::u32:
      return abi::Kind::u32;
    case ast::PrimValType::s64:
      return abi::Kind::s64;
    case ast::PrimValType::u64:
      return abi::Kind::u64;
    case ast::PrimValType::f32:
      return abi::Kind::f32;
    case ast::PrimValType::f64:
      return abi::Kind::f64;
    case ast::PrimValType::char_:
      return abi::Kind::character;
    case ast::PrimValType::string:
      return abi::Kind::string;
    case ast::PrimValType::error_context:
      return abi::Kind::error_context;
  }
  return abi::Kind::boolean;
}

}  // namespace

Result<abi::TypeRef> Planner::value_type(const ast::ValType& type, const PlanScope& scope) {
  if (const auto* prim = std::get_if<ast::PrimValType>(&type)) return plan_.types.primitive(kind_of(*prim));
  const std::uint32_t index = std::get<std::uint32_t>(type);
  const auto* found = index < scope.types.size() ? std::get_if<abi::TypeRef>(&scope.types[index]) : nullptr;
  if (found == nullptr) return not_validated("value type index");
  return *found;
}

Result<abi::TypeRef> Planner::optional_type(const std::optional<ast::ValType>& type, const PlanScope& scope) {
  if (!type) return abi::TypeRef{nullptr};
  return value_type(*type, scope);
}

Result<abi::ResourceIndex> Planner::resource_at(const PlanScope& scope, std::uint32_t index) {
  const auto* found = index < scope.types.size() ? std::get_if<abi::ResourceIndex>(&scope.types[index]) : nullptr;
  if (found == nullptr) return not_validated("resource type index");
  return *found;
}

Result<abi::ResourceIndex> Planner::new_resource(Resource resource) {
  CHECK_OK(count_item());
  plan_.resources.push_back(std::move(resource));
  return abi::ResourceIndex{static_cast<std::uint32_t>(plan_.resources.size() - 1)};
}

Result<PlanType> Planner::type(const ast::DefType& def, ScopePtr defined_in) {
  PlanScope& scope = *defined_in;
  abi::TypeTable& types = plan_.types;
  auto value = [&](const ast::ValType& type) { return value_type(type, scope); };
  auto fields = [&](const std::vector<ast::LabelValType>& from) -> Result<std::vector<abi::Field>> {
    std::vector<abi::Field> out;
    for (const auto& field : from) {
      TRY(auto type, value(field.type));
      out.push_back({.label = field.label, .type = type});
    }
    return out;
  };
  return std::visit(
      Overload{
          [&](ast::PrimValType prim) -> Result<PlanType> { return types.primitive(kind_of(prim)); },
          [&](const ast::Record& record) -> Result<PlanType> {
            TRY(auto list, fields(record.fields));
            return types.record(std::move(list));
          },
          [&](const ast::Variant& variant) -> Result<PlanType> {
            std::vector<abi::Case> cases;
            for (const auto& c : variant.cases) {
              TRY(auto type, optional_type(c.type, scope));
              cases.push_back({.label = c.label, .type = type});
            }
            return types.variant(std::move(cases));
          },
          [&](const ast::List& list) -> Result<PlanType> {
            TRY(auto element, value(list.element));
            return list.length ? types.fixed_list(element, *list.length) : types.list(element);
          },
          [&](const ast::Tuple& tuple) -> Result<PlanType> {
            std::vector<abi::TypeRef> list;
            for (const auto& type : tuple.types) {
              TRY(auto element, value(type));
              list.push_back(element);
            }
            return types.tuple(std::move(list));
          },
          [&](const ast::Flags& flags) -> Result<PlanType> { return types.flags(flags.labels); },
          [&](const ast::Enum& e) -> Result<PlanType> { return types.enumeration(e.labels); },
          [&](const ast::Option& option) -> Result<PlanType> {
            TRY(auto type, value(option.type));
            return types.option(type);
          },
          [&](const ast::ResultT& result) -> Result<PlanType> {
            TRY(auto ok, optional_type(result.ok, scope));
            TRY(auto error, optional_type(result.error, scope));
            return types.result(ok, error);
          },
          [&](const ast::Own& own) -> Result<PlanType> {
            TRY(auto resource, resource_at(scope, own.type));
            return types.own(resource);
          },
          [&](const ast::Borrow& borrow) -> Result<PlanType> {
            TRY(auto resource, resource_at(scope, borrow.type));
            return types.borrow(resource);
          },
          [&](const ast::Stream& stream) -> Result<PlanType> {
            TRY(auto element, optional_type(stream.type, scope));
            return types.stream(element);
          },
          [&](const ast::Future& future) -> Result<PlanType> {
            TRY(auto element, optional_type(future.type, scope));
            return types.future(element);
          },
          [&](const ast::Map& map) -> Result<PlanType> {
            TRY(auto key, value(map.key));
            TRY(auto mapped, value(map.value));
            return types.map(key, mapped);
          },
          [&](const ast::FuncType& func) -> Result<PlanType> {
            TRY(auto params, fields(func.params));
            TRY(auto result, optional_type(func.result, scope));
            TRY(auto type, types.func(std::move(params), result, func.async));
            return type;
          },
          [&](const ast::ComponentType& type) -> Result<PlanType> { return TypeClosure{&type, defined_in}; },
          [&](const ast::InstanceType& type) -> Result<PlanType> { return TypeClosure{&type, defined_in}; },
          [&](const ast::ResourceType& resource) -> Result<PlanType> {
            Resource made;
            made.instance = scope.instance;
            if (resource.dtor) {
              TRY(made.dtor, func_slot(scope, *resource.dtor));
            }
            TRY(auto index, new_resource(std::move(made)));
            return index;
          },
      },
      def);
}

Result<Item> Planner::host_item(const ast::ExternDesc& desc, ScopePtr scope, const std::string& interface,
                                const std::string& name) {
  CHECK_OK(count_item());
  auto type_at = [&](std::uint32_t index) -> const PlanType* {
    return index < scope->types.size() ? &scope->types[index] : nullptr;
  };
  const std::string full = interface.empty() ? name : interface + "#" + name;
  return std::visit(
      Overload{
          [&](const ast::ExternFunc& func) -> Result<Item> {
            const PlanType* item = type_at(func.type);
            const auto* type = item == nullptr ? nullptr : std::get_if<const abi::FuncType*>(item);
            if (type == nullptr) return not_validated("type of import " + full);
            auto [found, fresh] = host_funcs_.emplace(std::tuple(interface, name, denial_), plan_.host_funcs.size());
            if (fresh) plan_.host_funcs.push_back({interface, name, *type, denial_});
            return FuncRef{FuncRef::Kind::host_import, found->second};
          },
          [&](const ast::ExternType& type) -> Result<Item> {
            if (type.bound.eq) {
              const PlanType* item = type_at(*type.bound.eq);
              if (item == nullptr) return not_validated("type of import " + full);
              return *item;
            }
            // Two compatible versions of an interface are one implementation, so their resources are one type.
            auto [found, fresh] =
                host_resources_.emplace(std::pair(import_track(interface), name), abi::ResourceIndex{});
            if (fresh) {
              Resource resource;
              resource.imported = true;
              resource.interface = interface;
              resource.name = name;
              resource.denied = true;
              TRY(found->second, new_resource(std::move(resource)));
            }
            if (denial_.empty()) plan_.resources[static_cast<std::size_t>(found->second)].denied = false;
            return PlanType(found->second);
          },
          [&](const ast::ExternInstance& instance) -> Result<Item> {
            const PlanType* item = type_at(instance.type);
            const auto* closure = item == nullptr ? nullptr : std::get_if<TypeClosure>(item);
            const auto* type = closure == nullptr ? nullptr : std::get_if<const ast::InstanceType*>(&closure->type);
            if (type == nullptr) return not_validated("type of import " + full);
            const ScopePtr defined_in = new_scope(closure->scope, scope->instance);
            TRY(auto made, host_instance(**type, defined_in, full));
            return made;
          },
          [&](const ast::ExternModule&) -> Result<Item> {
            return std::unexpected(gaps::refuse(gaps::Gap::imported_modules, "import " + full + " is a core module"));
          },
          [&](const ast::ExternComponent&) -> Result<Item> {
            return std::unexpected(gaps::refuse(gaps::Gap::imported_components, "import " + full + " is a component"));
          },
      },
      desc);
}

Result<std::shared_ptr<const InstanceItem>> Planner::host_instance(const ast::InstanceType& instance, ScopePtr scope,
                                                                   const std::string& interface) {
  auto made = std::make_shared<InstanceItem>();
  for (const ast::Decl& decl : instance.decls) {
    CHECK_OK(count_item());
    CHECK_OK(std::visit(
        Overload{
            [](const ast::CoreType&) -> Result<void> { return {}; },
            [&](const ast::Type& def) -> Result<void> {
              TRY(auto item, type(def.type, scope));
              scope->types.push_back(std::move(item));
              return {};
            },
            [&](const ast::Alias& def) { return alias(def, *scope); },
            [](const ast::ImportDecl&) -> Result<void> { return not_validated("import in an instance type"); },
            [&](const ast::ExportDecl& def) -> Result<void> {
              TRY(auto item, host_item(def.type, scope, interface, def.name.name));
              scope->push(item);
              made->add(def.name.name, std::move(item));
              return {};
            },
        },
        decl.decl));
  }
  return made;
}

}  // namespace weft::component
