// Core WebAssembly types as they appear in component binaries and in the interface of core modules.
//
// The same structs serve before and after canonicalisation: as decoded, a type index refers to the index space of
// its module or component; in CoreTypeStore (core_store.h) it is a canonical id, so that equal types are equal values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weft::component {

// Abstract heap types of WebAssembly 3.0 (core spec, "Heap types") plus exception and stack-switching ones.
enum class CoreHeapKind : uint8_t {
  func,
  extern_,
  any,
  none,
  noextern,
  nofunc,
  eq,
  struct_,
  array,
  i31,
  exn,
  noexn,
  cont,
  nocont,
  index
};

struct CoreHeapType {
  CoreHeapKind kind = CoreHeapKind::func;
  bool shared = false;
  uint32_t index = 0;  // valid if kind is `index`

  bool operator==(const CoreHeapType&) const = default;
};

struct CoreRefType {
  bool nullable = true;
  CoreHeapType heap;

  bool operator==(const CoreRefType&) const = default;
};

enum class CoreValKind : uint8_t { i32, i64, f32, f64, v128, ref };

struct CoreValType {
  CoreValKind kind = CoreValKind::i32;
  CoreRefType ref;  // meaningful if kind is `ref`

  CoreValType() = default;
  CoreValType(CoreValKind k) : kind(k) {}                         // NOLINT: a numeric kind is the whole type
  CoreValType(CoreRefType r) : kind(CoreValKind::ref), ref(r) {}  // NOLINT

  bool operator==(const CoreValType&) const = default;
};

struct CoreFuncType {
  std::vector<CoreValType> params;
  std::vector<CoreValType> results;

  bool operator==(const CoreFuncType&) const = default;
};

// A struct field or array element; `packed` says i8 or i16 (8, 16) in place of `type`, or 0.
struct CoreFieldType {
  CoreValType type;
  uint8_t packed = 0;
  bool is_mutable = false;

  bool operator==(const CoreFieldType&) const = default;
};

struct CoreStructType {
  std::vector<CoreFieldType> fields;

  bool operator==(const CoreStructType&) const = default;
};

struct CoreArrayType {
  CoreFieldType element;

  bool operator==(const CoreArrayType&) const = default;
};

struct CoreContType {
  uint32_t func_type = 0;

  bool operator==(const CoreContType&) const = default;
};

struct CoreSubType {
  bool is_final = true;
  bool shared = false;
  std::vector<uint32_t> supertypes;
  std::variant<CoreFuncType, CoreStructType, CoreArrayType, CoreContType> comp;

  bool operator==(const CoreSubType&) const = default;
};

// One recursion group; a type outside `rec` is a group of one.
struct CoreRecType {
  std::vector<CoreSubType> types;

  bool operator==(const CoreRecType&) const = default;
};

// Limits of a memory (in pages) or table (in elements).
struct CoreLimits {
  uint64_t min = 0;
  std::optional<uint64_t> max = std::nullopt;
  bool is64 = false;
  bool shared = false;

  bool operator==(const CoreLimits&) const = default;
};

struct CoreTableType {
  CoreRefType element;
  CoreLimits limits;

  bool operator==(const CoreTableType&) const = default;
};

struct CoreMemoryType {
  CoreLimits limits;
  uint8_t page_size_log2 = 16;

  bool operator==(const CoreMemoryType&) const = default;
};

struct CoreGlobalType {
  CoreValType type;
  bool is_mutable = false;
  bool shared = false;

  bool operator==(const CoreGlobalType&) const = default;
};

// core:externtype; functions and tags name their type by index.
struct CoreFuncRef {
  uint32_t type = 0;

  bool operator==(const CoreFuncRef&) const = default;
};

struct CoreTagType {
  uint32_t type = 0;

  bool operator==(const CoreTagType&) const = default;
};

using CoreExternType = std::variant<CoreFuncRef, CoreTableType, CoreMemoryType, CoreGlobalType, CoreTagType>;

struct CoreImport {
  std::string module;
  std::string name;
  CoreExternType type;
};

struct CoreExport {
  std::string name;
  CoreExternType type;
};

}  // namespace weft::component
