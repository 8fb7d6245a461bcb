#include "abi/lower.h"

#include "abi/flat_room.h"
#include "abi/handles.h"
#include "abi/lists.h"
#include "abi/sink.h"

namespace weft::abi {
namespace {

[[noreturn]] void mismatch(const Type& type) {
  throw Trap("a value is not of its type " + to_string(&type));
}

template <class T>
const T& as(const Value& value, const Type& type) {
  const T* held = value.as<T>();
  if (held == nullptr) mismatch(type);
  return *held;
}

template <class Sink>
void lower(LowerContext& cx, Sink sink, const Value& value, const Type& type);

const ScalarList& as_scalars(const Value& value, const Type& list) {
  const auto& scalars = as<ScalarList>(value, list);
  if (scalars.kind != list.element->kind) mismatch(list);
  return scalars;
}

PointerPair lower_list(LowerContext& cx, const Value& value, const Type& type) {
  const Type& element = *type.element;
  if (is_scalar(element.kind)) {
    const ScalarList& scalars = as_scalars(value, type);
    const PointerPair list = allocate_list(cx, scalars.bytes.size() / element.elem_size(), element);
    copy_block(element, scalars.bytes.data(), cx.memory->base + list.ptr, list.length);
    return list;
  }
  const List& values = as<List>(value, type);
  const PointerPair list = allocate_list(cx, values.elements.size(), element);
  MemorySink sink{cx.memory, list.ptr};
  for (const Value& one : values.elements) {
    lower(cx, sink, one, element);
    sink = sink.field(static_cast<std::uint32_t>(element.elem_size()));
  }
  return list;
}

template <class Sink>
void lower_fixed_list(LowerContext& cx, Sink sink, const Value& value, const Type& type) {
  const Type& element = *type.element;
  const auto lower_all = [&](std::size_t count, const auto& put) {
    if (count != type.length) mismatch(type);
    for (std::uint32_t i = 0; i < type.length; ++i) {
      put(sink.field(static_cast<std::uint32_t>(i * element.elem_size())), i);
    }
  };
  if (is_scalar(element.kind)) {
    const ScalarList& scalars = as_scalars(value, type);
    with_scalar(element.kind, [&](auto zero) {
      lower_all(scalars.bytes.size() / sizeof zero, [&](Sink at, std::uint32_t i) {
        at.write(read_as<decltype(zero)>(scalars.bytes.data() + i * sizeof zero));
      });
    });
    return;
  }
  const List& values = as<List>(value, type);
  lower_all(values.elements.size(), [&](Sink at, std::uint32_t i) { lower(cx, at, values.elements[i], element); });
}

template <class Sink>
void lower_record(LowerContext& cx, Sink sink, const Value& value, const Type& type) {
  const Record& record = as<Record>(value, type);
  if (record.fields.size() != type.fields.size()) mismatch(type);
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    lower(cx, sink.field(type.fields[i].offset), record.fields[i], *type.fields[i].type);
  }
}

template <class Sink>
void lower_variant(LowerContext& cx, Sink sink, const Value& value, const Type& type) {
  const Variant& variant = as<Variant>(value, type);
  if (variant.case_index >= type.cases.size()) mismatch(type);
  const TypeRef payload = type.cases[variant.case_index].type;
  if ((payload == nullptr) != (variant.payload == nullptr)) mismatch(type);
  const auto begin = sink.begin_variant();
  sink.write_index(variant.case_index, type.discriminant_size);
  if (payload != nullptr) lower(cx, sink.field(type.payload_offset), *variant.payload, *payload);
  sink.end_variant(begin, type);
}

std::uint32_t lower_handle(LowerContext& cx, const Value& value, const Type& type) {
  if (type.kind != Kind::own && type.kind != Kind::borrow) {
    const auto& handle = as<AsyncValue>(value, type);
    if (handle.kind != type.kind) mismatch(type);
    return lower_async_value(cx, type, handle.object);
  }
  const auto& resource = as<Resource>(value, type);
  if (resource.resource != type.resource || resource.own != (type.kind == Kind::own)) mismatch(type);
  return lower_resource(cx, type, resource.rep);
}

template <class Sink>
void lower(LowerContext& cx, Sink sink, const Value& value, const Type& type) {
  switch (type.kind) {
    case Kind::string:
      return sink.write_pair(store_string(cx, as<std::string>(value, type)));
    case Kind::list:
    case Kind::map:
      return sink.write_pair(lower_list(cx, value, type));
    case Kind::fixed_list:
      return lower_fixed_list(cx, sink, value, type);
    case Kind::record:
    case Kind::tuple:
      return lower_record(cx, sink, value, type);
    case Kind::variant:
    case Kind::enumeration:
    case Kind::option:
    case Kind::result:
      return lower_variant(cx, sink, value, type);
    case Kind::flags:
      return sink.write_index(as<Flags>(value, type).bits & flags_mask(type),
                              static_cast<std::uint32_t>(type.elem_size()));
    case Kind::own:
    case Kind::borrow:
    case Kind::error_context:
    case Kind::stream:
    case Kind::future:
      return sink.write(lower_handle(cx, value, type));
    default:
      return with_scalar(type.kind, [&](auto zero) {
        const auto scalar = as<decltype(zero)>(value, type);
        if constexpr (std::same_as<decltype(zero), char32_t>) checked_char(scalar);
        sink.write(scalar);
      });
  }
}

}  // namespace

void store(LowerContext& cx, const Value& value, TypeRef type, std::uint32_t ptr) {
  check_values(cx, ptr, *type);
  lower(cx, MemorySink{cx.memory, ptr}, value, *type);
}

void lower_flat(LowerContext& cx, const Value& value, TypeRef type, std::span<CoreValue> out) {
  check_room(out.size(), type->flat.count());
  CoreValue* next = out.data();
  lower(cx, FlatSink{&next}, value, *type);
}

std::uint32_t lower_flat_values(LowerContext& cx, std::uint32_t max_flat, const Value& value, TypeRef type,
                                std::span<CoreValue> out, CoreValueIter* out_param) {
  if (type->flat.count() <= max_flat) {
    lower_flat(cx, value, type, out);
    return type->flat.count();
  }
  const LoweredPlace place = place_for_values(cx, *type, out, out_param);
  lower(cx, MemorySink{cx.memory, place.ptr}, value, *type);
  return place.core_values;
}

}  // namespace weft::abi
