#include "component/subtyping.h"

#include "component/text.h"

namespace weft::component {
namespace {

std::unexpected<Error> differ(std::string message) {
  return fail(Errc::invalid, std::move(message));
}

// Says where two unequal value types differ: walks down one path, following the structure numbers.
class Difference {
 public:
  static Error find(const ValueType* actual, const ValueType* expected, bool nested) {
    return Difference().types(actual, expected, nested);
  }

 private:
  Error make(std::string message) { return Error(Errc::invalid, std::move(message)); }

  Error types(const ValueType* actual, const ValueType* expected, bool nested) {
    const auto* want_prim = std::get_if<PrimValType>(&expected->shape);
    const auto* have_prim = std::get_if<PrimValType>(&actual->shape);
    if (want_prim != nullptr && have_prim != nullptr) {
      return make(
          cat("expected primitive `", prim_name(*want_prim), "` found primitive `", prim_name(*have_prim), "`"));
    }
    if (actual->shape.index() != expected->shape.index()) {
      const std::string_view want = want_prim != nullptr && !nested ? "primitive" : describe(*expected);
      return make(cat("expected ", want, ", found ", describe(*actual)));
    }
    return std::visit(
        [&](const auto& want) { return shapes(std::get<std::decay_t<decltype(want)>>(actual->shape), want); },
        expected->shape);
  }

  static bool same(const ValueType* a, const ValueType* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a->structure == b->structure;
  }

  Error below(const ValueType* actual, const ValueType* expected, std::string where) {
    return types(actual, expected, true).context(where);
  }

  // A child that may be absent.
  Error optional(const ValueType* actual, const ValueType* expected, std::string_view what) {
    if (expected == nullptr) return make(cat("expected ", what, " type to not be present"));
    if (actual == nullptr) return make(cat("expected ", what, " type, but found none"));
    return below(actual, expected, cat("type mismatch in ", what, " variant"));
  }

  Error shapes(PrimValType, PrimValType) { return make("type mismatch"); }
  Error shapes(const RecordType& have, const RecordType& want) {
    if (have.fields.size() != want.fields.size()) {
      return make(cat("expected ", want.fields.size(), " fields, found ", have.fields.size()));
    }
    for (size_t i = 0; i < want.fields.size(); ++i) {
      const Field &h = have.fields[i], &w = want.fields[i];
      if (h.label != w.label) return make(cat("expected field name `", w.label, "`, found `", h.label, "`"));
      if (!same(h.type, w.type)) return below(h.type, w.type, cat("type mismatch in record field `", w.label, "`"));
    }
    return make("type mismatch");
  }
  Error shapes(const VariantType& have, const VariantType& want) {
    if (have.cases.size() != want.cases.size()) {
      return make(cat("expected ", want.cases.size(), " cases, found ", have.cases.size()));
    }
    for (size_t i = 0; i < want.cases.size(); ++i) {
      const Case &h = have.cases[i], &w = want.cases[i];
      if (h.label != w.label) return make(cat("expected case named `", w.label, "`, found `", h.label, "`"));
      if (same(h.type, w.type)) continue;
      if (w.type == nullptr) return make(cat("expected case `", w.label, "` to have no type"));
      if (h.type == nullptr) return make(cat("expected case `", w.label, "` to have a type, found none"));
      return below(h.type, w.type, cat("type mismatch in variant case `", w.label, "`"));
    }
    return make("type mismatch");
  }
  Error shapes(const TupleType& have, const TupleType& want) {
    if (have.types.size() != want.types.size()) {
      return make(cat("expected ", want.types.size(), " types, found ", have.types.size()));
    }
    for (size_t i = 0; i < want.types.size(); ++i) {
      if (!same(have.types[i], want.types[i])) {
        return below(have.types[i], want.types[i], cat("type mismatch in tuple field ", i));
      }
    }
    return make("type mismatch");
  }
  Error shapes(const ListType& have, const ListType& want) {
    if (have.length != want.length) return make("mismatch in the length of lists");
    return below(have.element, want.element, "type mismatch in list element");
  }
  Error shapes(const FlagsType&, const FlagsType&) { return make("mismatch in flags elements"); }
  Error shapes(const EnumType&, const EnumType&) { return make("mismatch in enum elements"); }
  Error shapes(const OptionType& have, const OptionType& want) {
    return below(have.type, want.type, "type mismatch in option");
  }
  Error shapes(const ResultType& have, const ResultType& want) {
    if (!same(have.ok, want.ok)) return optional(have.ok, want.ok, "ok");
    return optional(have.error, want.error, "err");
  }
  Error shapes(const OwnType&, const OwnType&) { return make("resource types are not the same"); }
  Error shapes(const BorrowType&, const BorrowType&) { return make("resource types are not the same"); }
  Error shapes(const StreamType& have, const StreamType& want) {
    return optional(have.element, want.element, "stream");
  }
  Error shapes(const FutureType& have, const FutureType& want) {
    return optional(have.element, want.element, "future");
  }
  Error shapes(const MapType& have, const MapType& want) {
    if (!same(have.key, want.key)) return below(have.key, want.key, "type mismatch in map key");
    return below(have.value, want.value, "type mismatch in map value");
  }
};

Result<void> in_context(Result<void> result, std::string where) {
  if (result) return result;
  return std::unexpected(std::move(result.error()).context(where));
}

}  // namespace

Result<void> is_subtype(TypeArena& arena, const ExternType& actual, const ExternType& expected) {
  Substitution a(arena), e(arena);
  return Subtyping(arena, a, e).check(actual, expected);
}

Result<void> Subtyping::check(const ExternType& actual, const ExternType& expected) {
  if (!arena_.spend(1)) return fail(Errc::limit, "the types of the component are too complex");
  if (actual.index() != expected.index()) {
    return differ(cat("expected ", describe(expected), ", found ", describe(actual)));
  }
  if (const auto* item = std::get_if<TypeItem>(&expected)) {
    const AnyType& supplied = std::get<TypeItem>(actual).type;
    CHECK_OK(check_type(supplied, item->type));
    expected_.adopt(item->type, supplied);
    return {};
  }
  if (const auto* func = std::get_if<const FuncType*>(&expected)) {
    return check_func(std::get<const FuncType*>(actual), *func);
  }
  if (const auto* instance = std::get_if<const InstanceType*>(&expected)) {
    return check_instance(std::get<const InstanceType*>(actual), *instance);
  }
  if (const auto* component = std::get_if<const ComponentType*>(&expected)) {
    return check_component(std::get<const ComponentType*>(actual), *component);
  }
  return check_module(std::get<const ModuleType*>(actual), std::get<const ModuleType*>(expected));
}

Result<void> Subtyping::check_type(const AnyType& actual, const AnyType& expected) {
  if (actual.index() != expected.index()) {
    return differ(
        cat("expected ", describe(ExternType(TypeItem{expected})), ", found ", describe(ExternType(TypeItem{actual}))));
  }
  if (const auto* resource = std::get_if<const ResourceType*>(&expected)) {
    const ResourceId have = actual_.apply(std::get<const ResourceType*>(actual)->id);
    if (expected_.solve((*resource)->id, have) || expected_.apply((*resource)->id) == have) return {};
    return differ("resource types are not the same");
  }
  if (const auto* value = std::get_if<const ValueType*>(&expected)) {
    return check_value(std::get<const ValueType*>(actual), *value, false);
  }
  // Equality of the other types is matching both ways.
  const auto as_extern = [](const AnyType& type) -> ExternType {
    if (const auto* func = std::get_if<const FuncType*>(&type)) return *func;
    if (const auto* instance = std::get_if<const InstanceType*>(&type)) return *instance;
    return std::get<const ComponentType*>(type);
  };
  CHECK_OK(check(as_extern(actual), as_extern(expected)));
  return Subtyping(arena_, expected_, actual_).check(as_extern(expected), as_extern(actual));
}

Result<void> Subtyping::check_value(const ValueType* actual, const ValueType* expected, bool nested) {
  if (actual == expected && expected_.empty() && actual_.empty()) return {};
  const ValueType* have = actual_.apply(actual);
  const ValueType* want = expected_.apply(expected);
  if (arena_.exhausted()) return fail(Errc::limit, "the types of the component are too complex");
  if (have->structure == want->structure) return {};
  return std::unexpected(Difference::find(have, want, nested));
}

Result<void> Subtyping::check_func(const FuncType* actual, const FuncType* expected) {
  if (actual->async != expected->async) {
    return differ(cat("expected ", expected->async ? "an async" : "a sync", " function, found ",
                      actual->async ? "an async" : "a sync", " one"));
  }
  if (actual->params.size() != expected->params.size()) {
    return differ(cat("expected ", expected->params.size(), " parameters, found ", actual->params.size()));
  }
  arena_.spend(expected->params.size());
  for (size_t i = 0; i < expected->params.size(); ++i) {
    const Field &have = actual->params[i], &want = expected->params[i];
    if (have.label != want.label) {
      return differ(cat("expected parameter named `", want.label, "`, found `", have.label, "`"));
    }
    CHECK_OK(in_context(check_value(have.type, want.type, true),
                        cat("type mismatch in function parameter `", want.label, "`")));
  }
  if ((actual->result == nullptr) != (expected->result == nullptr)) {
    return differ("only one of the functions has a result: expected a result, found none");
  }
  if (expected->result == nullptr) return {};
  return in_context(check_value(actual->result, expected->result, true), "type mismatch with result type");
}

Result<void> Subtyping::check_exports(const ExternItems& actual, const ExternItems& expected, std::string_view what) {
  for (const ExternItem& want : expected) {
    const ExternType* have = actual.find(want.name.name);
    if (have == nullptr) return differ(cat("missing expected export `", want.name.name, "`"));
    CHECK_OK(in_context(check(*have, want.type), cat("type mismatch in ", what, " export `", want.name.name, "`")));
  }
  return {};
}

Result<void> Subtyping::check_instance(const InstanceType* actual, const InstanceType* expected) {
  if (expected->resources.empty()) return check_exports(actual->exports, expected->exports, "instance");
  Substitution inner(expected_, expected->resources);
  inner.open(expected->resources);
  return Subtyping(arena_, actual_, inner).check_exports(actual->exports, expected->exports, "instance");
}

Result<void> Subtyping::check_component(const ComponentType* actual, const ComponentType* expected) {
  Substitution inner_actual(actual_, actual->imported_resources);
  Substitution inner_expected(expected_, expected->defined_resources);
  inner_actual.open(actual->imported_resources);
  inner_expected.open(expected->defined_resources);
  // What the expected component is given must satisfy the actual one.
  Subtyping imports(arena_, inner_expected, inner_actual);
  for (const ExternItem& want : actual->imports) {
    const ExternType* have = expected->imports.find(want.name.name);
    if (have == nullptr) return differ(cat("missing expected import `", want.name.name, "`"));
    CHECK_OK(in_context(imports.check(*have, want.type), cat("type mismatch in import `", want.name.name, "`")));
  }
  return Subtyping(arena_, inner_actual, inner_expected).check_exports(actual->exports, expected->exports, "component");
}

Result<void> Subtyping::check_module(const ModuleType* actual, const ModuleType* expected) {
  if (actual == expected) return {};
  const CoreTypeStore& store = arena_.core_types();
  const CoreModuleInterface &have = actual->interface, &want = expected->interface;
  arena_.spend(have.imports.size() + have.exports.size() + want.imports.size() + want.exports.size());
  std::unordered_map<std::string, const CoreExternType*> given;
  for (const CoreImport& import : want.imports) given.emplace(cat(import.module, "::", import.name), &import.type);
  for (const CoreImport& import : have.imports) {
    const std::string name = cat(import.module, "::", import.name);
    const auto it = given.find(name);
    if (it == given.end()) return differ(cat("missing expected import `", name, "`"));
    CHECK_OK(in_context(store.match(*it->second, import.type), cat("type mismatch in import `", name, "`")));
  }
  given.clear();
  for (const CoreExport& item : have.exports) given.emplace(item.name, &item.type);
  for (const CoreExport& item : want.exports) {
    const auto it = given.find(item.name);
    if (it == given.end()) return differ(cat("missing expected export `", item.name, "`"));
    CHECK_OK(in_context(store.match(*it->second, item.type), cat("type mismatch in export `", item.name, "`")));
  }
  return {};
}

}  // namespace weft::component
