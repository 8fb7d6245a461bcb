// Core types, as core_binary.cc reads them.
#include "wast/encoder.h"

namespace weft::wast {
namespace {

using namespace component;

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

constexpr std::uint8_t default_page_size_log2 = 16;

std::uint8_t code(CoreHeapKind kind) {
  using enum CoreHeapKind;
  switch (kind) {
    case func:
      return 0x70;
    case extern_:
      return 0x6f;
    case any:
      return 0x6e;
    case eq:
      return 0x6d;
    case i31:
      return 0x6c;
    case struct_:
      return 0x6b;
    case array:
      return 0x6a;
    case exn:
      return 0x69;
    case cont:
      return 0x68;
    case none:
      return 0x71;
    case noextern:
      return 0x72;
    case nofunc:
      return 0x73;
    case noexn:
      return 0x74;
    case nocont:
      return 0x75;
    case index:
      break;
  }
  return 0xff;
}

void heap_type(ByteWriter& w, const CoreHeapType& heap) {
  if (heap.shared) w.byte(0x65);
  if (heap.kind == CoreHeapKind::index) {
    w.s33(heap.index);
  } else {
    w.byte(code(heap.kind));
  }
}

void ref_type(ByteWriter& w, const CoreRefType& ref) {
  if (!ref.nullable || ref.heap.kind == CoreHeapKind::index) w.byte(ref.nullable ? 0x63 : 0x64);
  heap_type(w, ref.heap);
}

void field_type(ByteWriter& w, const CoreFieldType& field) {
  if (field.packed != 0) {
    w.byte(field.packed == 8 ? 0x78 : 0x77);
  } else {
    write_core_valtype(w, field.type);
  }
  w.byte(field.is_mutable ? 1 : 0);
}

void sub_type(ByteWriter& w, const CoreSubType& sub) {
  if (!sub.is_final || !sub.supertypes.empty()) {
    w.byte(sub.is_final ? 0x4f : 0x50);
    w.vec(sub.supertypes, [&](std::uint32_t index) { w.u32(index); });
  }
  if (sub.shared) w.byte(0x65);
  const auto value_type = [&](const CoreValType& type) { write_core_valtype(w, type); };
  std::visit(Overload{
                 [&](const CoreFuncType& type) {
                   w.byte(0x60);
                   w.vec(type.params, value_type);
                   w.vec(type.results, value_type);
                 },
                 [&](const CoreStructType& type) {
                   w.byte(0x5f);
                   w.vec(type.fields, [&](const CoreFieldType& field) { field_type(w, field); });
                 },
                 [&](const CoreArrayType& type) {
                   w.byte(0x5e);
                   field_type(w, type.element);
                 },
                 [&](const CoreContType& type) {
                   w.byte(0x5d);
                   w.u32(type.func_type);
                 },
             },
             sub.comp);
}

void write_limits(ByteWriter& w, const CoreLimits& limits, std::uint8_t more_flags) {
  w.byte(static_cast<std::uint8_t>((limits.max ? 0x01 : 0) | (limits.shared ? 0x02 : 0) | (limits.is64 ? 0x04 : 0) |
                                   more_flags));
  w.u64(limits.min);
  if (limits.max) w.u64(*limits.max);
}

}  // namespace

void write_core_valtype(ByteWriter& w, const CoreValType& type) {
  switch (type.kind) {
    case CoreValKind::i32:
      return w.byte(0x7f);
    case CoreValKind::i64:
      return w.byte(0x7e);
    case CoreValKind::f32:
      return w.byte(0x7d);
    case CoreValKind::f64:
      return w.byte(0x7c);
    case CoreValKind::v128:
      return w.byte(0x7b);
    case CoreValKind::ref:
      return ref_type(w, type.ref);
  }
}

void write_core_rectype(ByteWriter& w, const CoreRecType& type) {
  if (type.types.size() == 1) return sub_type(w, type.types[0]);
  w.byte(0x4e);
  w.vec(type.types, [&](const CoreSubType& sub) { sub_type(w, sub); });
}

void write_core_externtype(ByteWriter& w, const CoreExternType& type) {
  std::visit(Overload{
                 [&](const CoreFuncRef& func) {
                   w.byte(0x00);
                   w.u32(func.type);
                 },
                 [&](const CoreTableType& table) {
                   w.byte(0x01);
                   ref_type(w, table.element);
                   write_limits(w, table.limits, 0);
                 },
                 [&](const CoreMemoryType& memory) {
                   const bool custom_page = memory.page_size_log2 != default_page_size_log2;
                   w.byte(0x02);
                   write_limits(w, memory.limits, custom_page ? 0x08 : 0);
                   if (custom_page) w.u32(memory.page_size_log2);
                 },
                 [&](const CoreGlobalType& global) {
                   w.byte(0x03);
                   write_core_valtype(w, global.type);
                   w.byte(static_cast<std::uint8_t>((global.is_mutable ? 1 : 0) | (global.shared ? 2 : 0)));
                 },
                 [&](const CoreTagType& tag) {
                   w.byte(0x04);
                   w.byte(0x00);
                   w.u32(tag.type);
                 },
             },
             type);
}

}  // namespace weft::wast
