// A component-level value whose type is known only at run time: for scripts, tests and tools. Calls between
// components and typed host functions never make one.
//
// Labels are not stored: a Value has meaning together with its Type.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "abi/type.h"

namespace weft::abi {

struct Value;

// A list or fixed-length list of scalars, as in a guest's memory: booleans one byte, chars four. A list of scalars is
// never a List.
struct ScalarList {
  Kind kind = Kind::u8;
  std::vector<std::byte> bytes;
  friend bool operator==(const ScalarList&, const ScalarList&) = default;
};

// Any other list, fixed-length list or map (of tuples).
struct List {
  std::vector<Value> elements;
  friend bool operator==(const List&, const List&);
};

// A record or tuple.
struct Record {
  std::vector<Value> fields;
  friend bool operator==(const Record&, const Record&);
};

// A variant, enum, option or result. An option's cases are none and some, a result's ok and error.
struct Variant {
  std::uint32_t case_index = 0;
  std::shared_ptr<const Value> payload;  // nullptr: none

  Variant() = default;
  explicit Variant(std::uint32_t index) : case_index(index) {}
  Variant(std::uint32_t index, Value value);
  friend bool operator==(const Variant&, const Variant&);
};

struct Flags {
  std::uint32_t bits = 0;  // the first label is bit 0
  friend bool operator==(Flags, Flags) = default;
};

struct Resource {
  ResourceIndex resource{};
  std::uint32_t rep = 0;
  bool own = true;
  friend bool operator==(Resource, Resource) = default;
};

// A stream, future or error-context; what `object` is, the async layer knows.
struct AsyncValue {
  Kind kind = Kind::stream;
  void* object = nullptr;
  friend bool operator==(AsyncValue, AsyncValue) = default;
};

struct Value : std::variant<bool, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                            std::int64_t, std::uint64_t, float, double, char32_t, std::string, ScalarList, List, Record,
                            Variant, Flags, Resource, AsyncValue> {
  using variant::variant;

  // nullptr if it is something else.
  template <class T>
  const T* as() const {
    return std::get_if<T>(this);
  }

  // Equality in which a float equals one with the same bits, and every NaN every NaN.
  friend bool operator==(const Value& a, const Value& b);
};

// A list of `element`, as a ScalarList or a List. Traps if elements of a scalar list are of another type.
Value make_list(TypeRef element, std::vector<Value> elements);
// The elements of a ScalarList as single values.
std::vector<Value> scalars_of(const ScalarList& list);

// In the notation of WAVE: {a: 1, b: some("x")}. A value that is not of the type prints as "<mismatch>".
std::string to_string(const Value& value, TypeRef type);

}  // namespace weft::abi
