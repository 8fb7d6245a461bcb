#include "abi/transfer.h"

#include "abi/flat_room.h"
#include "abi/handles.h"
#include "abi/lists.h"
#include "abi/sink.h"

namespace weft::abi {
namespace {

// One walk over two types that are equal except for resources.
class Transfer {
 public:
  Transfer(LiftContext& from, LowerContext& to) : from_(from), to_(to) {}

  // Scalars without a call: most of what records and lists hold.
  template <class Source, class Sink>
  [[gnu::always_inline]] void value(Source source, Sink sink, const Type& from, const Type& to) {
    if (!is_scalar(from.kind)) return compound(source, sink, from, to);
    with_scalar(from.kind, [&](auto zero) { sink.write(source.template read<decltype(zero)>()); });
  }

  void elements(std::uint32_t from_ptr, const Type& from, std::uint32_t to_ptr, const Type& to, std::uint32_t count) {
    from_.charge(count, from.elem_size());
    if (is_block(from)) {
      copy_block(from, from_.memory->base + from_ptr, to_.memory->base + to_ptr, count);
      return;
    }
    const auto size = static_cast<std::uint32_t>(from.elem_size());
    for (std::uint32_t i = 0; i < count; ++i) {
      value(MemorySource{from_.memory, from_ptr + i * size}, MemorySink{to_.memory, to_ptr + i * size}, from, to);
    }
  }

 private:
  template <class Source, class Sink>
  void compound(Source source, Sink sink, const Type& from, const Type& to) {
    switch (from.kind) {
      case Kind::string:
        return sink.write_pair(transfer_string(from_, to_, source.read_pair()));
      case Kind::list:
      case Kind::map:
        return sink.write_pair(list(source.read_pair(), *from.element, *to.element));
      case Kind::fixed_list:
        return fixed_list(source, sink, from, to);
      case Kind::record:
      case Kind::tuple:
        return record(source, sink, from, to);
      case Kind::variant:
      case Kind::enumeration:
      case Kind::option:
      case Kind::result:
        return variant(source, sink, from, to);
      case Kind::flags: {
        const auto size = static_cast<std::uint32_t>(from.elem_size());
        return sink.write_index(source.read_index(size) & flags_mask(from), size);
      }
      case Kind::own:
      case Kind::borrow:
        return sink.write(lower_resource(to_, to, lift_resource(from_, from, source.template read<std::uint32_t>())));
      default:
        return sink.write(
            lower_async_value(to_, to, lift_async_value(from_, from, source.template read<std::uint32_t>())));
    }
  }

  PointerPair list(PointerPair source, const Type& from, const Type& to) {
    check_list(from_, source, from);
    const PointerPair sink = allocate_list(to_, source.length, to);
    elements(source.ptr, from, sink.ptr, to, source.length);
    return sink;
  }

  template <class Source, class Sink>
  void record(Source source, Sink sink, const Type& from, const Type& to) {
    for (std::size_t i = 0; i < from.fields.size(); ++i) {
      const std::uint32_t offset = from.fields[i].offset;
      value(source.field(offset), sink.field(offset), *from.fields[i].type, *to.fields[i].type);
    }
  }

  template <class Source, class Sink>
  void fixed_list(Source source, Sink sink, const Type& from, const Type& to) {
    for (std::uint32_t i = 0; i < from.length; ++i) {
      const auto offset = static_cast<std::uint32_t>(i * from.element->elem_size());
      value(source.field(offset), sink.field(offset), *from.element, *to.element);
    }
  }
  void fixed_list(MemorySource source, MemorySink sink, const Type& from, const Type& to) {
    elements(source.ptr, *from.element, sink.ptr, *to.element, from.length);
  }

  template <class Source, class Sink>
  void variant(Source source, Sink sink, const Type& from, const Type& to) {
    const auto source_begin = source.begin_variant();
    const auto sink_begin = sink.begin_variant();
    const std::uint32_t index = checked_case(from, source.read_index(from.discriminant_size));
    sink.write_index(index, from.discriminant_size);
    if (const TypeRef payload = from.cases[index].type; payload != nullptr) {
      value(source.field(from.payload_offset), sink.field(from.payload_offset), *payload, *to.cases[index].type);
    }
    source.end_variant(source_begin, from);
    sink.end_variant(sink_begin, to);
  }

  LiftContext& from_;
  LowerContext& to_;
};

}  // namespace

void prepare_transfer(LiftContext& from, LowerContext& to) {
  from.wording = &kComponentWording;
  from.budget = kMaxTransferBytes;
  to.wording = &kComponentWording;
}

std::uint32_t transfer_flat_values(LiftContext& from, std::uint32_t from_max_flat, CoreValueIter& values,
                                   TypeRef from_type, LowerContext& to, std::uint32_t to_max_flat,
                                   std::span<CoreValue> out, TypeRef to_type, CoreValueIter* out_param) {
  const std::uint32_t flat = from_type->flat.count();
  const bool from_flat = flat <= from_max_flat;
  const bool to_flat = flat <= to_max_flat;
  check_remaining(values, from_flat ? flat : 1);
  std::uint32_t from_ptr = 0;
  if (!from_flat) {
    from_ptr = values.next++->i32();
    check_values(from, from_ptr, *from_type);
  }
  CoreValue* next = out.data();
  LoweredPlace place{0, flat};
  if (to_flat) {
    check_room(out.size(), flat);
  } else {
    place = place_for_values(to, *to_type, out, out_param);
  }

  Transfer transfer(from, to);
  const auto to_sink = [&](auto source) {
    if (to_flat) {
      transfer.value(source, FlatSink{&next}, *from_type, *to_type);
    } else {
      transfer.value(source, MemorySink{to.memory, place.ptr}, *from_type, *to_type);
    }
  };
  if (from_flat) {
    to_sink(FlatSource{&values});
  } else {
    to_sink(MemorySource{from.memory, from_ptr});
  }
  return place.core_values;
}

void transfer_elements(LiftContext& from, std::uint32_t from_ptr, const Type& from_element, LowerContext& to,
                       std::uint32_t to_ptr, const Type& to_element, std::uint32_t count) {
  Transfer(from, to).elements(from_ptr, from_element, to_ptr, to_element, count);
}

}  // namespace weft::abi
