#include "component/core_binary.h"

namespace weft::component {
namespace {

// Bits of the limits flags byte.
constexpr uint8_t kHasMax = 0x01, kShared = 0x02, k64 = 0x04, kPageSize = 0x08;

// Largest custom page size is 64 KiB (custom-page-sizes proposal).
constexpr uint32_t kMaxPageSizeLog2 = 16;

std::optional<CoreHeapKind> abstract_heap_type(uint8_t code) {
  switch (code) {
    case 0x70:
      return CoreHeapKind::func;
    case 0x6f:
      return CoreHeapKind::extern_;
    case 0x6e:
      return CoreHeapKind::any;
    case 0x6d:
      return CoreHeapKind::eq;
    case 0x6c:
      return CoreHeapKind::i31;
    case 0x6b:
      return CoreHeapKind::struct_;
    case 0x6a:
      return CoreHeapKind::array;
    case 0x69:
      return CoreHeapKind::exn;
    case 0x68:
      return CoreHeapKind::cont;
    case 0x71:
      return CoreHeapKind::none;
    case 0x72:
      return CoreHeapKind::noextern;
    case 0x73:
      return CoreHeapKind::nofunc;
    case 0x74:
      return CoreHeapKind::noexn;
    case 0x75:
      return CoreHeapKind::nocont;
    default:
      return std::nullopt;
  }
}

std::vector<CoreValType> read_valtypes(Reader& r) {
  std::vector<CoreValType> types;
  const uint32_t n = r.u32();
  for (uint32_t i = 0; i < n && r.count(); ++i) types.push_back(read_core_valtype(r));
  return types;
}

CoreFieldType read_fieldtype(Reader& r) {
  CoreFieldType field;
  const uint8_t b = r.peek();
  if (b == 0x78 || b == 0x77) {
    r.byte();
    field.packed = b == 0x78 ? 8 : 16;
  } else {
    field.type = read_core_valtype(r);
  }
  const uint8_t mut = r.byte();
  if (r.ok() && mut > 1) r.bad_byte(mut, "field mutability");
  field.is_mutable = mut == 1;
  return field;
}

CoreLimits read_limits(Reader& r, uint8_t flags) {
  CoreLimits limits;
  limits.is64 = (flags & k64) != 0;
  limits.shared = (flags & kShared) != 0;
  limits.min = limits.is64 ? r.u64() : r.u32();
  if ((flags & kHasMax) != 0) limits.max = limits.is64 ? r.u64() : r.u32();
  return limits;
}

CoreSubType read_subtype(Reader& r) {
  const uint8_t b = r.peek();
  if (b != 0x50 && b != 0x4f) return read_core_comptype(r);
  r.byte();
  std::vector<uint32_t> supertypes;
  const uint32_t n = r.u32();
  for (uint32_t i = 0; i < n && r.count(); ++i) supertypes.push_back(r.u32());
  CoreSubType sub = read_core_comptype(r);
  sub.is_final = b == 0x4f;
  sub.supertypes = std::move(supertypes);
  return sub;
}

}  // namespace

CoreHeapType read_core_heaptype(Reader& r) {
  CoreHeapType heap;
  if (r.peek() == 0x65) {
    r.byte();
    heap.shared = true;
  }
  const uint8_t b = r.peek();
  if (const auto kind = abstract_heap_type(b); kind && r.ok()) {
    r.byte();
    heap.kind = *kind;
    return heap;
  }
  const size_t at = r.offset();
  const int64_t index = r.s33();
  if (r.ok() && index < 0) r.fail_at(at, "invalid heap type");
  heap.kind = CoreHeapKind::index;
  heap.index = static_cast<uint32_t>(index);
  return heap;
}

CoreRefType read_core_reftype(Reader& r) {
  const uint8_t b = r.peek();
  if (b == 0x63 || b == 0x64) {
    r.byte();
    return CoreRefType{.nullable = b == 0x63, .heap = read_core_heaptype(r)};
  }
  if (b == 0x65 || abstract_heap_type(b)) {
    const CoreHeapType heap = read_core_heaptype(r);
    if (heap.kind == CoreHeapKind::index) r.fail("malformed reference type");
    return CoreRefType{.nullable = true, .heap = heap};
  }
  r.byte();
  if (r.ok()) r.bad_byte(b, "malformed reference type");
  return {};
}

CoreValType read_core_valtype(Reader& r) {
  const uint8_t b = r.peek();
  switch (b) {
    case 0x7f:
      r.byte();
      return CoreValKind::i32;
    case 0x7e:
      r.byte();
      return CoreValKind::i64;
    case 0x7d:
      r.byte();
      return CoreValKind::f32;
    case 0x7c:
      r.byte();
      return CoreValKind::f64;
    case 0x7b:
      r.byte();
      return CoreValKind::v128;
    default:
      return read_core_reftype(r);
  }
}

CoreSubType read_core_comptype(Reader& r) {
  CoreSubType sub;
  uint8_t b = r.byte();
  if (r.ok() && b == 0x65) {
    sub.shared = true;
    b = r.byte();
  }
  if (!r.ok()) return sub;
  switch (b) {
    case 0x60: {
      CoreFuncType func;
      func.params = read_valtypes(r);
      func.results = read_valtypes(r);
      sub.comp = std::move(func);
      break;
    }
    case 0x5f: {
      CoreStructType fields;
      const uint32_t n = r.u32();
      for (uint32_t i = 0; i < n && r.count(); ++i) fields.fields.push_back(read_fieldtype(r));
      sub.comp = std::move(fields);
      break;
    }
    case 0x5e:
      sub.comp = CoreArrayType{read_fieldtype(r)};
      break;
    case 0x5d:
      sub.comp = CoreContType{r.u32()};
      break;
    default:
      r.bad_byte(b, "core type");
  }
  return sub;
}

CoreRecType read_core_rectype(Reader& r) {
  CoreRecType rec;
  if (r.peek() != 0x4e) {
    rec.types.push_back(read_subtype(r));
    return rec;
  }
  r.byte();
  const uint32_t n = r.u32();
  for (uint32_t i = 0; i < n && r.count(); ++i) rec.types.push_back(read_subtype(r));
  return rec;
}

CoreTableType read_core_tabletype(Reader& r) {
  CoreTableType table;
  table.element = read_core_reftype(r);
  const uint8_t flags = r.byte();
  if (r.ok() && flags > (kHasMax | kShared | k64)) r.fail("invalid table limits flags");
  table.limits = read_limits(r, flags);
  return table;
}

CoreMemoryType read_core_memtype(Reader& r) {
  CoreMemoryType memory;
  const uint8_t flags = r.byte();
  if (r.ok() && flags > (kHasMax | kShared | k64 | kPageSize)) r.fail("invalid memory limits flags");
  memory.limits = read_limits(r, flags);
  if ((flags & kPageSize) != 0) {
    const uint32_t log2 = r.u32();
    if (r.ok() && log2 > kMaxPageSizeLog2) r.fail("invalid custom page size");
    memory.page_size_log2 = static_cast<uint8_t>(log2);
  }
  return memory;
}

CoreGlobalType read_core_globaltype(Reader& r) {
  CoreGlobalType global;
  global.type = read_core_valtype(r);
  const uint8_t flags = r.byte();
  if (r.ok() && flags > 3) r.fail("malformed mutability");
  global.is_mutable = (flags & 1) != 0;
  global.shared = (flags & 2) != 0;
  return global;
}

CoreTagType read_core_tagtype(Reader& r) {
  r.expect(0x00, "tag attributes");
  return CoreTagType{r.u32()};
}

CoreExternType read_core_externtype(Reader& r) {
  const uint8_t b = r.byte();
  if (!r.ok()) return CoreFuncRef{};
  switch (b) {
    case 0x00:
      return CoreFuncRef{r.u32()};
    case 0x01:
      return read_core_tabletype(r);
    case 0x02:
      return read_core_memtype(r);
    case 0x03:
      return read_core_globaltype(r);
    case 0x04:
      return read_core_tagtype(r);
    default:
      r.bad_byte(b, "external kind");
      return CoreFuncRef{};
  }
}

CoreImport read_core_import(Reader& r) {
  CoreImport import;
  import.module = r.name();
  import.name = r.name();
  import.type = read_core_externtype(r);
  return import;
}

}  // namespace weft::component
