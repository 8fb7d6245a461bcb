#include "abi/lift.h"

#include "abi/flat_room.h"
#include "abi/handles.h"
#include "abi/lists.h"

namespace weft::abi {
namespace {

template <class Source>
Value lift(LiftContext& cx, Source source, const Type& type);

Value lift_block(LiftContext& cx, const Type& element, std::uint32_t ptr, std::uint64_t count) {
  cx.charge(count, element.elem_size());
  ScalarList list{element.kind, std::vector<std::byte>(count * element.elem_size())};
  copy_block(element, cx.memory->base + ptr, list.bytes.data(), count);
  return list;
}

Value lift_list(LiftContext& cx, PointerPair list, const Type& element) {
  check_list(cx, list, element);
  if (is_scalar(element.kind)) return lift_block(cx, element, list.ptr, list.length);
  cx.charge(list.length, sizeof(Value));
  List values;
  values.elements.reserve(list.length);
  MemorySource source{cx.memory, list.ptr};
  for (std::uint32_t i = 0; i < list.length; ++i) {
    values.elements.push_back(lift(cx, source, element));
    source = source.field(static_cast<std::uint32_t>(element.elem_size()));
  }
  return values;
}

template <class Source>
Value lift_fixed_list(LiftContext& cx, Source source, const Type& type) {
  const Type& element = *type.element;
  cx.charge(type.length, is_scalar(element.kind) ? element.elem_size() : sizeof(Value));
  const auto lift_all = [&](const auto& take) {
    for (std::uint32_t i = 0; i < type.length; ++i) {
      take(source.field(static_cast<std::uint32_t>(i * element.elem_size())));
    }
  };
  if (is_scalar(element.kind)) {
    ScalarList list{element.kind, std::vector<std::byte>(type.length * element.elem_size())};
    with_scalar(element.kind, [&](auto zero) {
      std::byte* out = list.bytes.data();
      lift_all([&](Source at) { write_as(out, at.template read<decltype(zero)>()), out += sizeof zero; });
    });
    return list;
  }
  List list;
  list.elements.reserve(type.length);
  lift_all([&](Source at) { list.elements.push_back(lift(cx, at, element)); });
  return list;
}

template <class Source>
Value lift_record(LiftContext& cx, Source source, const Type& type) {
  cx.charge(type.fields.size(), sizeof(Value));
  Record record;
  record.fields.reserve(type.fields.size());
  for (const Field& field : type.fields) record.fields.push_back(lift(cx, source.field(field.offset), *field.type));
  return record;
}

template <class Source>
Value lift_variant(LiftContext& cx, Source source, const Type& type) {
  const auto begin = source.begin_variant();
  const std::uint32_t index = checked_case(type, source.read_index(type.discriminant_size));
  Variant variant(index);
  if (const TypeRef payload = type.cases[index].type; payload != nullptr) {
    cx.charge(sizeof(Value));
    variant = Variant(index, lift(cx, source.field(type.payload_offset), *payload));
  }
  source.end_variant(begin, type);
  return variant;
}

template <class Source>
Value lift(LiftContext& cx, Source source, const Type& type) {
  switch (type.kind) {
    case Kind::string:
      return load_string(cx, source.read_pair());
    case Kind::list:
    case Kind::map:
      return lift_list(cx, source.read_pair(), *type.element);
    case Kind::fixed_list:
      return lift_fixed_list(cx, source, type);
    case Kind::record:
    case Kind::tuple:
      return lift_record(cx, source, type);
    case Kind::variant:
    case Kind::enumeration:
    case Kind::option:
    case Kind::result:
      return lift_variant(cx, source, type);
    case Kind::flags:
      return Flags{source.read_index(static_cast<std::uint32_t>(type.elem_size())) & flags_mask(type)};
    case Kind::own:
    case Kind::borrow:
      return Resource{type.resource, lift_resource(cx, type, source.template read<std::uint32_t>()),
                      type.kind == Kind::own};
    case Kind::error_context:
    case Kind::stream:
    case Kind::future:
      return AsyncValue{type.kind, lift_async_value(cx, type, source.template read<std::uint32_t>())};
    default:
      return with_scalar(type.kind, [&](auto zero) -> Value { return source.template read<decltype(zero)>(); });
  }
}

}  // namespace

Value load(LiftContext& cx, std::uint32_t ptr, TypeRef type) {
  check_values(cx, ptr, *type);
  return lift(cx, MemorySource{cx.memory, ptr}, *type);
}

Value lift_flat(LiftContext& cx, CoreValueIter& values, TypeRef type) {
  check_remaining(values, type->flat.count());
  return lift(cx, FlatSource{&values}, *type);
}

Value lift_flat_values(LiftContext& cx, std::uint32_t max_flat, CoreValueIter& values, TypeRef type) {
  if (type->flat.count() <= max_flat) return lift_flat(cx, values, type);
  check_remaining(values, 1);
  return load(cx, values.next++->i32(), type);
}

}  // namespace weft::abi
