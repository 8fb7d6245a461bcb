#include "component/validate.h"

#include <utility>

#include "component/reader.h"
#include "component/validator.h"

namespace weft::component {
namespace {

// Adds the position, unless the error comes from a definition nested in this one, which has added its own.
Result<void> located(Result<void> result, size_t offset) {
  if (result || result.error().message().starts_with("offset ")) return result;
  return std::unexpected(error_at(result.error().code(), offset, result.error().message()));
}

template <class... F>
struct Overload : F... {
  using F::operator()...;
};

}  // namespace

Result<Validated> validate(const ast::Component& component) {
  Validated result;
  auto arena = std::make_shared<TypeArena>();
  TRY(result.type, Validator(result, *arena).component(component, nullptr));
  result.arena = std::move(arena);
  return result;
}

Result<const ComponentType*> Validator::component(const ast::Component& component, Scope* parent) {
  Scope scope(Scope::Kind::component, parent);
  for (const ast::Definition& definition : component.definitions) {
    CHECK_OK(located(define(scope, component, definition), definition.offset));
  }
  ComponentType type;
  type.imports = std::move(scope.imports);
  type.exports = std::move(scope.exports);
  type.imported_resources = std::move(scope.imported_resources);
  type.defined_resources = std::move(scope.defined_resources);
  result_.index_spaces.insert_or_assign(&component, std::move(scope.spaces));
  return arena_.add(std::move(type));
}

Result<void> Validator::check_work() const {
  if (arena_.exhausted()) return fail(Errc::limit, "the types of the component are too complex");
  return {};
}

Result<void> Validator::define(Scope& scope, const ast::Component& component, const ast::Definition& definition) {
  CHECK_OK(std::visit(Overload{
                          [&](const ast::CustomSection&) -> Result<void> { return {}; },
                          [&](const ast::CoreModule& def) { return core_module(scope, component, def); },
                          [&](const ast::CoreInstance& def) { return core_instance(scope, def); },
                          [&](const ast::CoreType& def) { return core_type(scope, def); },
                          [&](const ast::NestedComponent& def) -> Result<void> {
                            TRY(const ComponentType* nested, this->component(*def, &scope));
                            scope.spaces.components.push_back(nested);
                            return {};
                          },
                          [&](const ast::Instance& def) { return instance(scope, def); },
                          [&](const ast::Alias& def) { return alias(scope, def); },
                          [&](const ast::Type& def) { return type(scope, def.type); },
                          [&](const ast::CanonLift& def) { return lift(scope, def); },
                          [&](const ast::CanonLower& def) { return lower(scope, def); },
                          [&](const ast::CanonBuiltin& def) { return builtin_def(scope, def); },
                          [&](const ast::Import& def) { return import(scope, def.name, def.type); },
                          [&](const ast::Export& def) { return export_item(scope, def); },
                      },
                      definition.def));
  return check_work();
}

Result<void> Validator::declare(Scope& scope, const ast::Decl& decl) {
  const auto dispatch = [&]() -> Result<void> {
    CHECK_OK(std::visit(Overload{
                            [&](const ast::CoreType& def) { return core_type(scope, def); },
                            [&](const ast::Type& def) { return type(scope, def.type); },
                            [&](const ast::Alias& def) { return alias(scope, def); },
                            [&](const ast::ImportDecl& def) { return import(scope, def.name, def.type); },
                            [&](const ast::ExportDecl& def) { return export_decl(scope, def.name, def.type); },
                        },
                        decl.decl));
    return check_work();
  };
  return located(dispatch(), decl.offset);
}

}  // namespace weft::component
