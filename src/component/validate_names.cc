// Validation of import and export names against their grammar, each other and their types.
#include "component/validator.h"

namespace weft::component {
namespace {

using Kind = ParsedName::Kind;

// The resource of (own R), or nullptr.
const ResourceType* owned(const ValueType* type) {
  const auto* own = type == nullptr ? nullptr : std::get_if<OwnType>(&type->shape);
  return own == nullptr ? nullptr : own->resource;
}

// The resource that a constructor returns: (own R) or (result (own R) …).
Result<const ResourceType*> constructed(const FuncType& func) {
  if (func.result == nullptr) return fail(Errc::invalid, "function should return one value");
  if (const ResourceType* resource = owned(func.result)) return resource;
  if (const auto* result = std::get_if<ResultType>(&func.result->shape)) {
    if (const ResourceType* resource = owned(result->ok)) return resource;
  }
  return fail(Errc::invalid, "function should return `(own $T)` or `(result (own $T))`");
}

// The resource of a method's first parameter.
Result<const ResourceType*> method_self(const FuncType& func) {
  if (func.params.empty()) return fail(Errc::invalid, "function should have at least one argument");
  if (func.params.front().label != "self") {
    return fail(Errc::invalid, "function should have a first argument called `self`");
  }
  if (const auto* borrow = std::get_if<BorrowType>(&func.params.front().type->shape)) return borrow->resource;
  return fail(Errc::invalid, "function should take a first argument of `(borrow $T)`");
}

Result<void> check_annotated(const NameScope& scope, const ParsedName& parsed, const ExternType& type) {
  const auto* func = std::get_if<const FuncType*>(&type);
  if (func == nullptr) return fail(Errc::invalid, "item is not a func");
  const std::string expected(parsed.resource);
  const ResourceId* named = scope.resources.find(expected);
  if (parsed.kind == Kind::static_) {
    if (named == nullptr) return fail(Errc::invalid, "static resource name is not known in this context");
    return {};
  }
  const auto found = parsed.kind == Kind::constructor ? constructed(**func) : method_self(**func);
  if (!found) return std::unexpected(found.error());
  if (named != nullptr && *named == (*found)->id) return {};
  const std::string* actual = scope.resources.name_of((*found)->id);
  if (actual == nullptr) return fail(Errc::invalid, "resource used in function does not have a name in this context");
  return fail(Errc::invalid, cat("function does not match expected resource name `", *actual, "`"));
}

Result<void> check_implements(const ParsedName& parsed, const ast::ExternName& name, const ExternType& type) {
  if (!name.implements) return {};
  const auto implements = parse_extern_name(*name.implements);
  if (!implements) {
    return fail(implements.error().code(),
                cat("`", *name.implements, "` is not a valid name: ", implements.error().message()));
  }
  if (implements->kind != Kind::interface) {
    return fail(Errc::invalid, cat("`implements` name `", *name.implements, "` must be an interface name"));
  }
  if (!std::holds_alternative<const InstanceType*>(type)) {
    return fail(Errc::invalid, "only instances can have an `implements`");
  }
  if (parsed.kind != Kind::label) {
    return fail(Errc::invalid, cat("name `", name.name, "` is not valid with `implements`"));
  }
  return {};
}

}  // namespace

void ResourceNames::add(const std::string& name, ResourceId id) {
  ids_.emplace(name, id);
  names_.emplace(id, name);
}

const ResourceId* ResourceNames::find(const std::string& name) const {
  const auto it = ids_.find(name);
  return it == ids_.end() ? nullptr : &it->second;
}

const std::string* ResourceNames::name_of(ResourceId id) const {
  const auto it = names_.find(id);
  return it == names_.end() ? nullptr : &it->second;
}

Result<void> Validator::name(NameScope& scope, const ast::ExternName& extern_name, const ExternType& type) {
  const std::string& text = extern_name.name;
  const auto parsed = parse_extern_name(text);
  if (!parsed) {
    return fail(parsed.error().code(),
                cat(scope.role, " name `", text, "` is not a valid extern name: ", parsed.error().message()));
  }
  CHECK_OK(check_implements(*parsed, extern_name, type));
  if (parsed->kind == Kind::constructor || parsed->kind == Kind::method || parsed->kind == Kind::static_) {
    if (auto valid = check_annotated(scope, *parsed, type); !valid) {
      return std::unexpected(std::move(valid.error()).context(cat(scope.role, " name `", text, "` is not valid")));
    }
  }
  std::string previous;
  if (!scope.names.insert(text, previous)) {
    return fail(Errc::invalid, cat(scope.role, " name `", text, "` conflicts with previous name `", previous, "`"));
  }
  return {};
}

}  // namespace weft::component
