// External visibility of types (Explainer.md): imports may use imported types only, exports also exported ones.
#include "component/validator.h"

namespace weft::component {
namespace {

// Looks a type's parts up among the named ones.
class Visibility {
 public:
  Visibility(TypeArena& arena, NamedTypes& types) : arena_(arena), types_(types) {}

  bool visible(const ResourceType* type) const { return types_.named.contains(type); }

  bool visible(const ValueType* type) {
    if (type == nullptr) return true;
    if (std::holds_alternative<PrimValType>(type->shape) || types_.named.contains(type)) return true;
    if (needs_name(*type)) return false;
    if (types_.found_visible.contains(type)) return true;
    if (!parts_visible(type)) return false;
    types_.found_visible.insert(type);
    return true;
  }

  bool visible(const FuncType* type) {
    arena_.spend(type->params.size() + 1);
    for (const Field& param : type->params) {
      if (!visible(param.type)) return false;
    }
    return visible(type->result);
  }

  // Whether a type may get a name: its parts have one.
  bool parts_visible(const ValueType* type) {
    if (!arena_.spend(part_count(type->shape))) return false;
    return std::visit([&](const auto& shape) { return parts(shape); }, type->shape);
  }

 private:
  static bool needs_name(const ValueType& type) {
    return std::holds_alternative<RecordType>(type.shape) || std::holds_alternative<VariantType>(type.shape) ||
           std::holds_alternative<EnumType>(type.shape) || std::holds_alternative<FlagsType>(type.shape);
  }

  bool parts(PrimValType) { return true; }
  bool parts(const FlagsType&) { return true; }
  bool parts(const EnumType&) { return true; }
  bool parts(const RecordType& t) {
    for (const Field& field : t.fields) {
      if (!visible(field.type)) return false;
    }
    return true;
  }
  bool parts(const VariantType& t) {
    for (const Case& c : t.cases) {
      if (!visible(c.type)) return false;
    }
    return true;
  }
  bool parts(const TupleType& t) {
    for (const ValueType* type : t.types) {
      if (!visible(type)) return false;
    }
    return true;
  }
  bool parts(const ListType& t) { return visible(t.element); }
  bool parts(const OptionType& t) { return visible(t.type); }
  bool parts(const ResultType& t) { return visible(t.ok) && visible(t.error); }
  bool parts(const OwnType& t) { return visible(t.resource); }
  bool parts(const BorrowType& t) { return visible(t.resource); }
  bool parts(const StreamType& t) { return visible(t.element); }
  bool parts(const FutureType& t) { return visible(t.element); }
  bool parts(const MapType& t) { return visible(t.key) && visible(t.value); }

  TypeArena& arena_;
  NamedTypes& types_;
};

// Gives names to the types that an import or export introduces, in order, checking each item on the way.
class Naming {
 public:
  // `also`: a second set that learns the same names, or nullptr.
  Naming(TypeArena& arena, NamedTypes& types, NamedTypes* also) : arena_(arena), types_(types), also_(also) {}

  bool item(const ExternType& type) {
    if (!arena_.spend(1)) return false;
    if (const auto* type_item = std::get_if<TypeItem>(&type)) return any(type_item->type);
    if (const auto* func = std::get_if<const FuncType*>(&type)) return Visibility(arena_, types_).visible(*func);
    if (const auto* instance = std::get_if<const InstanceType*>(&type)) return exports(**instance);
    return true;  // components and modules are closed
  }

 private:
  bool any(const AnyType& type) {
    Visibility visibility(arena_, types_);
    if (const auto* value = std::get_if<const ValueType*>(&type)) {
      if (!visibility.parts_visible(*value)) return false;
      add(*value);
    } else if (const auto* resource = std::get_if<const ResourceType*>(&type)) {
      add(*resource);
    } else if (const auto* func = std::get_if<const FuncType*>(&type)) {
      return visibility.visible(*func);
    } else if (const auto* instance = std::get_if<const InstanceType*>(&type)) {
      // The type of an instance, not an instance: its types get names among themselves only.
      arena_.spend(types_.named.size() + types_.found_visible.size());
      NamedTypes inner = types_;
      return Naming(arena_, inner, nullptr).exports(**instance);
    }
    return true;
  }

  bool exports(const InstanceType& instance) {
    for (const ExternItem& export_item : instance.exports) {
      if (!item(export_item.type)) return false;
    }
    return true;
  }

  void add(const void* type) {
    types_.named.insert(type);
    if (also_ != nullptr) also_->named.insert(type);
  }

  TypeArena& arena_;
  NamedTypes& types_;
  NamedTypes* also_;
};

// An imported type cannot be another name of what an export has named.
bool renames_export(const Scope& scope, const ExternType& type) {
  const auto* item = std::get_if<TypeItem>(&type);
  if (item == nullptr) return false;
  const void* renamed = nullptr;
  if (const auto* value = std::get_if<const ValueType*>(&item->type)) renamed = (*value)->alias_of;
  if (const auto* resource = std::get_if<const ResourceType*>(&item->type)) renamed = (*resource)->alias_of;
  return scope.export_scope.visible.named.contains(renamed) && !scope.import_scope.visible.named.contains(renamed);
}

}  // namespace

bool Validator::make_visible(Scope& scope, NameScope& names, const ExternType& type) {
  // An instance type is checked where it is imported or exported.
  if (scope.kind == Scope::Kind::instance_type) return true;
  const bool is_import = &names == &scope.import_scope;
  if (is_import && renames_export(scope, type)) return false;
  return Naming(arena_, names.visible, is_import ? &scope.export_scope.visible : nullptr).item(type);
}

}  // namespace weft::component
