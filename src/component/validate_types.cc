// Validation of type definitions (Binary.md "Type Definitions").
#include "component/layout.h"
#include "component/validator.h"

namespace weft::component {
namespace {

// Nesting of value type constructors: keeps every recursion over types shallow.
constexpr uint16_t kMaxValueTypeDepth = 200;
constexpr size_t kMaxFlags = 32;

// Checks that labels are kebab-case and strongly unique. `what` names them in errors ("record field"), `short_what`
// the earlier one ("field").
Result<void> check_label(NameSet& seen, const std::string& label, std::string_view what, std::string_view short_what) {
  if (label.empty()) return fail(Errc::invalid, cat(what, " name cannot be empty"));
  if (!is_label(label)) return fail(Errc::invalid, cat(what, " name `", label, "` is not in kebab case"));
  std::string previous;
  if (seen.insert(label, previous)) return {};
  return fail(Errc::invalid,
              cat(what, " name `", label, "` conflicts with previous ", short_what, " name `", previous, "`"));
}

Result<void> check_labels(const std::vector<std::string>& labels, std::string_view what, std::string_view short_what) {
  NameSet seen;
  for (const std::string& label : labels) CHECK_OK(check_label(seen, label, what, short_what));
  return {};
}

bool is_key_type(const ValueType& type) {
  const auto* prim = std::get_if<PrimValType>(&type.shape);
  return prim != nullptr && *prim != PrimValType::f32 && *prim != PrimValType::f64 &&
         *prim != PrimValType::error_context;
}

Result<void> check_element(const ValueType* element, std::string_view what) {
  if (element == nullptr || !element->contains_borrow) return {};
  return fail(Errc::invalid, cat("a ", what, " element type cannot contain a `borrow` type"));
}

}  // namespace

Result<AnyType> Validator::type_at(Scope& scope, uint32_t index) {
  return at(scope.spaces.types, index, "type");
}

Result<const ResourceType*> Validator::resource_at(Scope& scope, uint32_t index) {
  TRY(const AnyType type, type_at(scope, index));
  if (const auto* resource = std::get_if<const ResourceType*>(&type)) return *resource;
  return fail(Errc::invalid, cat("type index ", index, " is not a resource type"));
}

Result<const ValueType*> Validator::value_ref(Scope& scope, const ast::ValType& type) {
  if (const auto* prim = std::get_if<PrimValType>(&type)) return arena_.primitive(*prim);
  const uint32_t index = std::get<uint32_t>(type);
  TRY(const AnyType any, type_at(scope, index));
  if (const auto* value = std::get_if<const ValueType*>(&any)) return *value;
  return fail(Errc::invalid, cat("type index ", index, " is not a defined type"));
}

Result<const ValueType*> Validator::value_ref(Scope& scope, const std::optional<ast::ValType>& type) {
  if (!type) return nullptr;
  return value_ref(scope, *type);
}

Result<void> Validator::type(Scope& scope, const ast::DefType& type) {
  TRY(const AnyType made, def_type(scope, type));
  scope.spaces.types.push_back(made);
  return {};
}

Result<AnyType> Validator::def_type(Scope& scope, const ast::DefType& type) {
  if (const auto* func = std::get_if<ast::FuncType>(&type)) return func_type(scope, *func);
  if (const auto* component = std::get_if<ast::ComponentType>(&type)) return component_type(scope, *component);
  if (const auto* instance = std::get_if<ast::InstanceType>(&type)) return instance_type(scope, *instance);
  if (const auto* resource = std::get_if<ast::ResourceType>(&type)) return resource_type(scope, *resource);
  TRY(const ValueType* value, value_type(scope, type));
  if (value->size64 >= kMaxValueSize) {
    return fail(Errc::invalid, cat("the type exceeds maximum byte size of ", kMaxValueSize - 1, " of a value"));
  }
  if (value->depth > kMaxValueTypeDepth) return fail(Errc::limit, "the type is nested too deeply");
  return value;
}

Result<std::vector<Field>> Validator::fields(Scope& scope, const std::vector<ast::LabelValType>& fields,
                                             std::string_view what, std::string_view short_what) {
  NameSet seen;
  std::vector<Field> result;
  for (const ast::LabelValType& field : fields) {
    CHECK_OK(check_label(seen, field.label, what, short_what));
    TRY(const ValueType* type, value_ref(scope, field.type));
    result.push_back({field.label, type});
  }
  return result;
}

Result<const ValueType*> Validator::value_type(Scope& scope, const ast::DefType& type) {
  if (const auto* prim = std::get_if<PrimValType>(&type)) return arena_.add(*prim);
  if (const auto* t = std::get_if<ast::Record>(&type)) {
    if (t->fields.empty()) return fail(Errc::invalid, "record type must have at least one field");
    TRY(auto members, fields(scope, t->fields, "record field", "field"));
    return arena_.add(RecordType{std::move(members)});
  }
  if (const auto* t = std::get_if<ast::Variant>(&type)) {
    if (t->cases.empty()) return fail(Errc::invalid, "variant type must have at least one case");
    VariantType variant;
    NameSet seen;
    for (const ast::Case& c : t->cases) {
      CHECK_OK(check_label(seen, c.label, "variant case", "case"));
      TRY(const ValueType* payload, value_ref(scope, c.type));
      variant.cases.push_back({c.label, payload});
    }
    return arena_.add(std::move(variant));
  }
  if (const auto* t = std::get_if<ast::List>(&type)) {
    if (t->length && *t->length == 0) {
      return fail(Errc::invalid, "fixed-length lists must have more than zero elements");
    }
    TRY(const ValueType* element, value_ref(scope, t->element));
    return arena_.add(ListType{element, t->length});
  }
  if (const auto* t = std::get_if<ast::Tuple>(&type)) {
    if (t->types.empty()) return fail(Errc::invalid, "tuple type must have at least one type");
    TupleType tuple;
    for (const ast::ValType& member : t->types) {
      TRY(const ValueType* member_type, value_ref(scope, member));
      tuple.types.push_back(member_type);
    }
    return arena_.add(std::move(tuple));
  }
  if (const auto* t = std::get_if<ast::Flags>(&type)) {
    if (t->labels.empty()) return fail(Errc::invalid, "flags must have at least one entry");
    if (t->labels.size() > kMaxFlags) return fail(Errc::invalid, "cannot have more than 32 flags");
    CHECK_OK(check_labels(t->labels, "flag", "flag"));
    return arena_.add(FlagsType{t->labels});
  }
  if (const auto* t = std::get_if<ast::Enum>(&type)) {
    if (t->labels.empty()) return fail(Errc::invalid, "enum type must have at least one variant");
    CHECK_OK(check_labels(t->labels, "enum tag", "tag"));
    return arena_.add(EnumType{t->labels});
  }
  if (const auto* t = std::get_if<ast::Option>(&type)) {
    TRY(const ValueType* some, value_ref(scope, t->type));
    return arena_.add(OptionType{some});
  }
  if (const auto* t = std::get_if<ast::ResultT>(&type)) {
    TRY(const ValueType* ok, value_ref(scope, t->ok));
    TRY(const ValueType* error, value_ref(scope, t->error));
    return arena_.add(ResultType{ok, error});
  }
  if (const auto* t = std::get_if<ast::Own>(&type)) {
    TRY(const ResourceType* resource, resource_at(scope, t->type));
    return arena_.add(OwnType{resource});
  }
  if (const auto* t = std::get_if<ast::Borrow>(&type)) {
    TRY(const ResourceType* resource, resource_at(scope, t->type));
    return arena_.add(BorrowType{resource});
  }
  if (const auto* t = std::get_if<ast::Stream>(&type)) {
    TRY(const ValueType* element, value_ref(scope, t->type));
    CHECK_OK(check_element(element, "stream"));
    if (element != nullptr && element->structure == arena_.primitive(PrimValType::char_)->structure) {
      return fail(
          Errc::invalid,
          "`stream<char>` is not valid at this time, use `stream<u8>` with a defined by encoding instead for now");
    }
    return arena_.add(StreamType{element});
  }
  if (const auto* t = std::get_if<ast::Future>(&type)) {
    TRY(const ValueType* element, value_ref(scope, t->type));
    CHECK_OK(check_element(element, "future"));
    return arena_.add(FutureType{element});
  }
  const auto& map = std::get<ast::Map>(type);
  TRY(const ValueType* key, value_ref(scope, map.key));
  TRY(const ValueType* value, value_ref(scope, map.value));
  if (!is_key_type(*key)) return fail(Errc::invalid, cat("a `", describe(*key), "` cannot be the key type of a map"));
  return arena_.add(MapType{key, value});
}

Result<const FuncType*> Validator::func_type(Scope& scope, const ast::FuncType& type) {
  FuncType func;
  func.async = type.async;
  TRY(func.params, fields(scope, type.params, "function parameter", "parameter"));
  TRY(func.result, value_ref(scope, type.result));
  if (func.result != nullptr && func.result->contains_borrow) {
    return fail(Errc::invalid, "function result cannot contain a `borrow` type");
  }
  return arena_.add(std::move(func));
}

Result<const ResourceType*> Validator::resource_type(Scope& scope, const ast::ResourceType& type) {
  if (scope.kind != Scope::Kind::component) {
    return fail(Errc::invalid, "resources can only be defined within a concrete component");
  }
  if (!(type.rep == CoreValType(CoreValKind::i32))) {
    return fail(Errc::invalid, "resources can only be represented by `i32`");
  }
  if (type.dtor) {
    TRY(const uint32_t dtor, at(scope.spaces.core_funcs, *type.dtor, "function"));
    const CoreFuncType* func = arena_.core_types().func(dtor);
    if (func == nullptr || !(*func == CoreFuncType{{CoreValKind::i32}, {}})) {
      return fail(Errc::invalid, cat("core function ", *type.dtor, " has wrong signature for a destructor"));
    }
  }
  const ResourceId id = arena_.fresh_resource();
  scope.defined_resources.push_back(id);
  scope.local_resources.insert(id);
  return arena_.add_resource(id);
}

Result<const ComponentType*> Validator::component_type(Scope& scope, const ast::ComponentType& type) {
  Scope inner(Scope::Kind::component_type, &scope);
  for (const ast::Decl& decl : type.decls) CHECK_OK(declare(inner, decl));
  ComponentType made;
  made.imports = std::move(inner.imports);
  made.exports = std::move(inner.exports);
  made.imported_resources = std::move(inner.imported_resources);
  made.defined_resources = std::move(inner.defined_resources);
  return arena_.add(std::move(made));
}

Result<const InstanceType*> Validator::instance_type(Scope& scope, const ast::InstanceType& type) {
  Scope inner(Scope::Kind::instance_type, &scope);
  for (const ast::Decl& decl : type.decls) CHECK_OK(declare(inner, decl));
  InstanceType made;
  made.exports = std::move(inner.exports);
  made.resources = std::move(inner.defined_resources);
  return arena_.add(std::move(made));
}

}  // namespace weft::component
