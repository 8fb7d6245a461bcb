// Value and function types at run time: immutable, hash-consed, with everything precomputed that a call asks for.
//
// Types live in a TypeTable and are compared by pointer: structural equality (labels included) is pointer equality
// within one table. Filled by one thread; immutable and shared afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/layout.h"

namespace weft::abi {

struct Type;
using TypeRef = const Type*;

// The identity of a resource type at run time, within one link plan.
enum class ResourceIndex : std::uint32_t {};

// clang-format off
enum class Kind : std::uint8_t {
  boolean, s8, u8, s16, u16, s32, u32, s64, u64, f32, f64, character,
  string, error_context,
  list, fixed_list, map,
  record, tuple,
  variant, enumeration, option, result,
  flags,
  own, borrow, stream, future,
};
// clang-format on

constexpr bool is_scalar(Kind kind) {
  return kind <= Kind::character;
}

struct Field {
  std::string label;  // a tuple's are "0", "1", ...
  TypeRef type = nullptr;
  std::uint32_t offset = 0;  // bytes from the start of the record; computed by TypeTable
};

struct Case {
  std::string label;
  TypeRef type = nullptr;  // nullptr: no payload
};

// A value type. Which of the parts are used follows from `kind`; enum, option and result have `cases` as the variants
// they stand for, a map has the key/value tuple as its `element` (CanonicalABI.md "Despecialization").
struct Type {
  Kind kind{};
  std::vector<Field> fields = {};        // record, tuple
  std::vector<Case> cases = {};          // variant, enumeration, option, result
  std::vector<std::string> labels = {};  // flags
  TypeRef element = nullptr;             // list, fixed_list, map; stream, future (nullptr: none)
  std::uint32_t length = 0;              // fixed_list
  ResourceIndex resource{};              // own, borrow

  // Computed by TypeTable.
  Layout layout = {};
  FlatTypes flat = {};
  std::uint32_t discriminant_size = 0;  // bytes; types with cases
  std::uint32_t payload_offset = 0;     // bytes; types with cases
  std::uint32_t depth = 1;              // nesting of type constructors
  bool contains_pointer = false;        // string, list or map: needs memory to lift, and realloc to lower
  bool contains_handle = false;         // own, borrow, stream, future or error-context
  bool contains_borrow = false;
  bool contains_async_value = false;  // stream, future or error context
  bool is_bulk = false;               // every byte counts and every bit pattern is a value: copied as bytes
  const char* fault = nullptr;        // why no value of this type may be passed; see TypeTable::check

  std::uint64_t elem_size() const { return layout.size; }
  std::uint32_t alignment() const { return layout.alignment; }
};

// A core function type.
struct CoreSignature {
  FlatTypes params;
  FlatTypes results;
  friend bool operator==(const CoreSignature&, const CoreSignature&) = default;
};

struct FuncType {
  bool async = false;
  TypeRef params = nullptr;  // all parameters as a record; its labels are the parameters' names
  TypeRef result = nullptr;  // nullptr: none

  // flatten_functype for each use (CanonicalABI.md "Flattening"). Computed by TypeTable.
  CoreSignature lift = {};           // canon lift, synchronous ABI
  CoreSignature lift_callback = {};  // canon lift async callback
  CoreSignature lift_stackful = {};  // canon lift async
  CoreSignature lower = {};          // canon lower, synchronous ABI
  CoreSignature lower_async = {};    // canon lower async
};

using FuncTypeRef = const FuncType*;

// "record", "u32", "own", ...
std::string_view to_string(Kind kind);
// The name of a resource type, for the texts below. Without one its index is written.
using ResourceNames = std::function<std::string(ResourceIndex)>;
// In WIT's notation, with labels: "record { a: u32, b: option<string> }", "func(a: u32) -> borrow<c>".
std::string to_string(TypeRef type, const ResourceNames& names = {});
std::string to_string(const FuncType& type, const ResourceNames& names = {});

}  // namespace weft::abi
