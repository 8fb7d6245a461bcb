#include "component/layout.h"

#include <algorithm>

namespace weft::component {
namespace {

// Sizes saturate far above kMaxValueSize, where sums and products of two still fit in 64 bits.
constexpr uint64_t kSaturated = uint64_t{1} << 31;
constexpr uint8_t kPointerSize = 8;

uint64_t saturate(uint64_t size) {
  return std::min(size, kSaturated);
}
uint64_t align_to(uint64_t offset, uint64_t align) {
  return (offset + align - 1) / align * align;
}

uint8_t discriminant_size(size_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

// The core type that can hold either of two flat values of a variant.
CoreValKind join(CoreValKind a, CoreValKind b) {
  if (a == b) return a;
  const bool both32 =
      (a == CoreValKind::i32 || a == CoreValKind::f32) && (b == CoreValKind::i32 || b == CoreValKind::f32);
  return both32 ? CoreValKind::i32 : CoreValKind::i64;
}

class Layout {
 public:
  explicit Layout(ValueType& type) : type_(type) {}

  void operator()(PrimValType prim) {
    switch (prim) {
      case PrimValType::bool_:
      case PrimValType::s8:
      case PrimValType::u8:
        return scalar(1, CoreValKind::i32);
      case PrimValType::s16:
      case PrimValType::u16:
        return scalar(2, CoreValKind::i32);
      case PrimValType::s32:
      case PrimValType::u32:
      case PrimValType::char_:
      case PrimValType::error_context:
        return scalar(4, CoreValKind::i32);
      case PrimValType::s64:
      case PrimValType::u64:
        return scalar(8, CoreValKind::i64);
      case PrimValType::f32:
        return scalar(4, CoreValKind::f32);
      case PrimValType::f64:
        return scalar(8, CoreValKind::f64);
      case PrimValType::string:
        return pointer_and_length();
    }
  }
  void operator()(const RecordType& t) {
    for (const Field& field : t.fields) member(*field.type);
    close();
  }
  void operator()(const TupleType& t) {
    for (const ValueType* member_type : t.types) member(*member_type);
    close();
  }
  void operator()(const VariantType& t) {
    std::vector<const ValueType*> payloads;
    for (const Case& c : t.cases) payloads.push_back(c.type);
    variant(payloads);
  }
  void operator()(const EnumType& t) { scalar(discriminant_size(t.labels.size()), CoreValKind::i32); }
  void operator()(const OptionType& t) { variant({nullptr, t.type}); }
  void operator()(const ResultType& t) { variant({t.ok, t.error}); }
  void operator()(const FlagsType& t) {
    const size_t n = t.labels.size();
    scalar(n <= 8 ? 1 : n <= 16 ? 2 : 4, CoreValKind::i32);
  }
  void operator()(const ListType& t) {
    inherit(*t.element);
    if (!t.length) return pointer_and_length();
    type_.size64 = saturate(t.element->size64 * *t.length);
    type_.align64 = t.element->align64;
    for (uint32_t i = 0; i < *t.length && !type_.flat.overflow(); ++i) type_.flat.append(t.element->flat);
  }
  void operator()(const MapType& t) {
    inherit(*t.key);
    inherit(*t.value);
    pointer_and_length();
  }
  void operator()(const OwnType&) { handle(); }
  void operator()(const BorrowType&) {
    handle();
    type_.contains_borrow = true;
  }
  void operator()(const StreamType& t) { end_of(t.element); }
  void operator()(const FutureType& t) { end_of(t.element); }

 private:
  void inherit(const ValueType& child) {
    type_.depth = static_cast<uint16_t>(std::max<uint32_t>(type_.depth, child.depth + 1U));
    type_.contains_handle |= child.contains_handle;
    type_.contains_borrow |= child.contains_borrow;
    type_.contains_list |= child.contains_list;
  }
  void scalar(uint8_t size, CoreValKind kind) {
    type_.size64 = size;
    type_.align64 = size;
    type_.flat.push(kind);
  }
  void pointer_and_length() {
    type_.contains_list = true;
    type_.size64 = 2 * kPointerSize;
    type_.align64 = kPointerSize;
    type_.flat.push(CoreValKind::i32);
    type_.flat.push(CoreValKind::i32);
  }
  void handle() {
    type_.contains_handle = true;
    scalar(4, CoreValKind::i32);
  }
  // A stream or future is a handle; nothing of its elements is in the value.
  void end_of(const ValueType* element) {
    if (element != nullptr) {
      inherit(*element);
      type_.contains_list = false;
    }
    scalar(4, CoreValKind::i32);
  }
  void member(const ValueType& child) {
    inherit(child);
    type_.size64 = saturate(align_to(type_.size64, child.align64) + child.size64);
    type_.align64 = std::max(type_.align64, child.align64);
    type_.flat.append(child.flat);
  }
  void close() { type_.size64 = saturate(align_to(type_.size64, type_.align64)); }

  void variant(const std::vector<const ValueType*>& payloads) {
    const uint8_t tag = discriminant_size(payloads.size());
    uint64_t payload_size = 0;
    uint8_t payload_align = 1;
    FlatTypes flat;
    for (const ValueType* payload : payloads) {
      if (payload == nullptr) continue;
      inherit(*payload);
      payload_size = std::max(payload_size, payload->size64);
      payload_align = std::max(payload_align, payload->align64);
      for (uint8_t i = 0; i < std::min(payload->flat.count, FlatTypes::kMax); ++i) {
        if (i < flat.count) {
          flat.types[i] = join(flat.types[i], payload->flat.types[i]);
        } else {
          flat.push(payload->flat.types[i]);
        }
      }
      flat.count = std::max(flat.count, payload->flat.count);
    }
    type_.align64 = std::max(tag, payload_align);
    type_.size64 = saturate(align_to(align_to(tag, payload_align) + payload_size, type_.align64));
    type_.flat.push(CoreValKind::i32);
    type_.flat.append(flat);
  }

  ValueType& type_;
};

}  // namespace

void compute_layout(ValueType& type) {
  std::visit(Layout(type), type.shape);
}

FlatTypes flatten(const std::vector<Field>& fields) {
  FlatTypes flat;
  for (const Field& field : fields) flat.append(field.type->flat);
  return flat;
}

}  // namespace weft::component
