#include "abi/type_table.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weft::abi {
namespace {

constexpr std::size_t kPrimitives = 14;
static_assert(static_cast<std::size_t>(Kind::error_context) == kPrimitives - 1);

struct PrimitiveFacts {
  std::uint32_t size;
  CoreType flat;
};

PrimitiveFacts primitive_facts(Kind kind) {
  switch (kind) {
    case Kind::s16:
    case Kind::u16:
      return {2, CoreType::i32};
    case Kind::s32:
    case Kind::u32:
    case Kind::character:
    case Kind::error_context:
      return {4, CoreType::i32};
    case Kind::s64:
    case Kind::u64:
      return {8, CoreType::i64};
    case Kind::f32:
      return {4, CoreType::f32};
    case Kind::f64:
      return {8, CoreType::f64};
    default:
      return {1, CoreType::i32};
  }
}

// Facts that hold for a type as soon as they hold for a part of its value.
void inherit(Type& type, TypeRef part) {
  type.depth = std::max(type.depth, part->depth == UINT32_MAX ? UINT32_MAX : part->depth + 1);
  type.contains_pointer |= part->contains_pointer;
  type.contains_handle |= part->contains_handle;
  type.contains_borrow |= part->contains_borrow;
  type.contains_async_value |= part->contains_async_value;
  if (type.fault == nullptr) type.fault = part->fault;
}

void compute_pair(Type& type) {
  type.layout = kPointerPair;
  type.flat = FlatTypes(CoreType::i32);
  type.flat.push(CoreType::i32);
  inherit(type, type.element);
  type.contains_pointer = true;
  // Zero bytes each, any number of elements would fit.
  if (type.element->elem_size() == 0 && type.fault == nullptr) type.fault = "a list element has no size";
}

void compute_fixed_list(Type& type) {
  type.layout = fixed_list_layout(type.element->layout, type.length);
  type.flat.append(type.element->flat, type.length);
  type.is_bulk = type.element->is_bulk;
  inherit(type, type.element);
  if (type.length == 0) type.fault = "a fixed-length list has no elements";
}

void compute_record(Type& type) {
  RecordLayout record;
  type.is_bulk = true;
  for (Field& field : type.fields) {
    field.offset = static_cast<std::uint32_t>(std::min<std::uint64_t>(record.add(field.type->layout), UINT32_MAX));
    type.flat.append(field.type->flat);
    type.is_bulk &= field.type->is_bulk;
    inherit(type, field.type);
  }
  type.is_bulk &= !record.has_padding() && !type.fields.empty();
  type.layout = record.layout();
  if (type.fields.empty()) type.fault = "a record has no fields";
}

void compute_variant(Type& type) {
  VariantLayout variant(type.cases.size());
  FlatTypes payloads;
  for (const Case& c : type.cases) {
    if (c.type == nullptr) continue;
    variant.add_payload(c.type->layout);
    payloads.join_with(c.type->flat);
    inherit(type, c.type);
  }
  type.discriminant_size = variant.discriminant_size();
  type.payload_offset = variant.payload_offset();
  type.layout = variant.layout();
  type.flat = flatten_variant(payloads);
  if (type.cases.empty()) type.fault = "a variant has no cases";
}

void compute_flags(Type& type) {
  type.layout = flags_layout(type.labels.size());
  type.flat = FlatTypes(CoreType::i32);
  type.is_bulk = type.labels.size() == 8 * type.layout.size;
  if (type.labels.empty()) type.fault = "flags have no labels";
  if (type.labels.size() > kMaxFlags) type.fault = "flags have more than 32 labels";
}

void compute_handle(Type& type) {
  type.layout = kHandle;
  type.flat = FlatTypes(CoreType::i32);
  type.contains_handle = true;
  type.contains_borrow = type.kind == Kind::borrow;
  type.contains_async_value = type.kind == Kind::stream || type.kind == Kind::future;
  if (type.element != nullptr) {
    // The handle itself needs no memory.
    inherit(type, type.element);
    type.contains_pointer = false;
  }
}

void compute_facts(Type& type) {
  switch (type.kind) {
    case Kind::string:
      type.layout = kPointerPair;
      type.flat = FlatTypes(CoreType::i32);
      type.flat.push(CoreType::i32);
      type.contains_pointer = true;
      break;
    case Kind::list:
    case Kind::map:
      compute_pair(type);
      break;
    case Kind::fixed_list:
      compute_fixed_list(type);
      break;
    case Kind::record:
    case Kind::tuple:
      compute_record(type);
      break;
    case Kind::variant:
    case Kind::enumeration:
    case Kind::option:
    case Kind::result:
      compute_variant(type);
      break;
    case Kind::flags:
      compute_flags(type);
      break;
    case Kind::own:
    case Kind::borrow:
    case Kind::stream:
    case Kind::future:
      compute_handle(type);
      break;
    default: {
      const PrimitiveFacts facts = primitive_facts(type.kind);
      type.layout = {facts.size, facts.size};
      type.flat = FlatTypes(facts.flat);
      type.contains_handle = type.contains_async_value = type.kind == Kind::error_context;
      type.is_bulk = type.kind >= Kind::s8 && type.kind <= Kind::u64;
    }
  }
  if (type.fault == nullptr && type.depth > kMaxTypeDepth) type.fault = "types are nested too deeply";
  if (type.fault == nullptr && type.elem_size() >= kMaxValueSize) type.fault = "a value is too large";
}

class Hash {
 public:
  void add(std::size_t value) { hash_ = (hash_ ^ value) * 0x9E37'79B9'7F4A'7C15u + (hash_ >> 29); }
  void add(const void* pointer) { add(reinterpret_cast<std::uintptr_t>(pointer)); }
  void add(const std::string& text) { add(std::hash<std::string>()(text)); }
  std::size_t value() const { return hash_; }

 private:
  std::size_t hash_ = 0x2545'F491'4F6C'DD1Du;
};

std::size_t hash_of(const Type& type) {
  Hash hash;
  hash.add(static_cast<std::size_t>(type.kind));
  for (const Field& field : type.fields) hash.add(field.label), hash.add(field.type);
  for (const Case& c : type.cases) hash.add(c.label), hash.add(c.type);
  for (const std::string& label : type.labels) hash.add(label);
  hash.add(type.element);
  hash.add(type.length);
  hash.add(static_cast<std::size_t>(type.resource));
  return hash.value();
}

bool same_structure(const Type& a, const Type& b) {
  constexpr auto same_part = [](const auto& x, const auto& y) { return x.label == y.label && x.type == y.type; };
  return a.kind == b.kind && a.element == b.element && a.length == b.length && a.resource == b.resource &&
         a.labels == b.labels && std::ranges::equal(a.fields, b.fields, same_part) &&
         std::ranges::equal(a.cases, b.cases, same_part);
}

void compute_signatures(FuncType& type) {
  const FlatTypes pointer(CoreType::i32);
  const FlatTypes params = type.params->flat;
  const FlatTypes results = type.result == nullptr ? FlatTypes() : type.result->flat;
  const FlatTypes passed = params.count() > kMaxFlatParams ? pointer : params;

  type.lift = {passed, results.count() > kMaxFlatResults ? pointer : results};
  type.lift_callback = {passed, pointer};
  type.lift_stackful = {passed, {}};
  type.lower = {passed, results};
  if (results.count() > kMaxFlatResults) {
    type.lower.params.push(CoreType::i32);
    type.lower.results = {};
  }
  type.lower_async = {params.count() > kMaxFlatAsyncParams ? pointer : params, pointer};
  if (results.count() > 0) type.lower_async.params.push(CoreType::i32);
}

}  // namespace

TypeTable::TypeTable() {
  for (std::size_t i = 0; i < kPrimitives; ++i) intern({.kind = static_cast<Kind>(i)});
}

TypeTable::~TypeTable() = default;

TypeRef TypeTable::intern(Type type) {
  const std::size_t hash = hash_of(type);
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (same_structure(*it->second, type)) return it->second;
  }
  compute_facts(type);
  types_.push_back(std::move(type));
  by_hash_.emplace(hash, &types_.back());
  return &types_.back();
}

TypeRef TypeTable::primitive(Kind kind) const {
  return &types_[static_cast<std::size_t>(kind)];
}

TypeRef TypeTable::list(TypeRef element) {
  return intern({.kind = Kind::list, .element = element});
}

TypeRef TypeTable::fixed_list(TypeRef element, std::uint32_t length) {
  return intern({.kind = Kind::fixed_list, .element = element, .length = length});
}

TypeRef TypeTable::map(TypeRef key, TypeRef value) {
  return intern({.kind = Kind::map, .element = tuple({key, value})});
}

TypeRef TypeTable::record(std::vector<Field> fields) {
  return intern({.kind = Kind::record, .fields = std::move(fields)});
}

TypeRef TypeTable::tuple(std::vector<TypeRef> types) {
  Type type{.kind = Kind::tuple};
  for (std::size_t i = 0; i < types.size(); ++i) type.fields.push_back({std::to_string(i), types[i]});
  return intern(std::move(type));
}

TypeRef TypeTable::variant(std::vector<Case> cases) {
  return intern({.kind = Kind::variant, .cases = std::move(cases)});
}

TypeRef TypeTable::enumeration(std::vector<std::string> labels) {
  Type type{.kind = Kind::enumeration};
  for (std::string& label : labels) type.cases.push_back({std::move(label)});
  return intern(std::move(type));
}

TypeRef TypeTable::option(TypeRef payload) {
  return intern({.kind = Kind::option, .cases = {{"none", nullptr}, {"some", payload}}});
}

TypeRef TypeTable::result(TypeRef ok, TypeRef error) {
  return intern({.kind = Kind::result, .cases = {{"ok", ok}, {"error", error}}});
}

TypeRef TypeTable::flags(std::vector<std::string> labels) {
  return intern({.kind = Kind::flags, .labels = std::move(labels)});
}

TypeRef TypeTable::own(ResourceIndex resource) {
  return intern({.kind = Kind::own, .resource = resource});
}
TypeRef TypeTable::borrow(ResourceIndex resource) {
  return intern({.kind = Kind::borrow, .resource = resource});
}
TypeRef TypeTable::stream(TypeRef element) {
  return intern({.kind = Kind::stream, .element = element});
}
TypeRef TypeTable::future(TypeRef element) {
  return intern({.kind = Kind::future, .element = element});
}

Result<void> TypeTable::check(TypeRef type) {
  if (type->fault == nullptr) return {};
  const bool limit = type->depth > kMaxTypeDepth || type->elem_size() >= kMaxValueSize;
  return fail(limit ? Errc::limit : Errc::invalid, type->fault);
}

Result<FuncTypeRef> TypeTable::func(std::vector<Field> params, TypeRef result, bool async) {
  // No parameters are no fault of a function.
  for (const Field& param : params) CHECK_OK(check(param.type));
  if (result != nullptr) CHECK_OK(check(result));
  FuncType type{.async = async, .params = record(std::move(params)), .result = result};
  if (!type.params->fields.empty()) CHECK_OK(check(type.params));

  Hash hash;
  hash.add(type.params);
  hash.add(type.result);
  hash.add(static_cast<std::size_t>(async));
  const auto [begin, end] = functions_by_hash_.equal_range(hash.value());
  for (auto it = begin; it != end; ++it) {
    const FuncType& known = *it->second;
    if (known.async == async && known.params == type.params && known.result == result) return it->second;
  }
  compute_signatures(type);
  functions_.push_back(std::move(type));
  functions_by_hash_.emplace(hash.value(), &functions_.back());
  return &functions_.back();
}

}  // namespace weft::abi
