// Makes and owns types: equal types are one object.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "abi/type.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::abi {

// Nesting of type constructors. Lifting and lowering recurse over types on a guest's stack.
inline constexpr std::uint32_t kMaxTypeDepth = 100;
// elem_size in bytes, below which the specification keeps every type.
inline constexpr std::uint64_t kMaxValueSize = std::uint64_t{1} << 28;
inline constexpr std::size_t kMaxFlags = 32;

// Arguments must be types of the same table. Thread rule: see type.h.
class TypeTable : Pinned {
 public:
  TypeTable();
  ~TypeTable();

  // bool, integers, floats, char, string and error-context.
  TypeRef primitive(Kind kind) const;
  TypeRef list(TypeRef element);
  TypeRef fixed_list(TypeRef element, std::uint32_t length);
  TypeRef map(TypeRef key, TypeRef value);
  TypeRef record(std::vector<Field> fields);
  TypeRef tuple(std::vector<TypeRef> types);
  TypeRef variant(std::vector<Case> cases);
  TypeRef enumeration(std::vector<std::string> labels);
  TypeRef option(TypeRef type);
  TypeRef result(TypeRef ok, TypeRef error);  // nullptr: none
  TypeRef flags(std::vector<std::string> labels);
  TypeRef own(ResourceIndex resource);
  TypeRef borrow(ResourceIndex resource);
  TypeRef stream(TypeRef element);  // nullptr: none
  TypeRef future(TypeRef element);  // nullptr: none

  // Checks the types (see `check`). A result of nullptr is none.
  Result<FuncTypeRef> func(std::vector<Field> params, TypeRef result, bool async = false);

  // A type must pass before a value of it is lifted, lowered or transferred: depth, size, no empty record, variant
  // or flags at any depth. Errc::invalid or Errc::limit.
  static Result<void> check(TypeRef type);

  std::size_t size() const { return types_.size(); }

 private:
  TypeRef intern(Type type);

  std::deque<Type> types_;
  std::deque<FuncType> functions_;
  std::unordered_multimap<std::size_t, TypeRef> by_hash_;
  std::unordered_multimap<std::size_t, FuncTypeRef> functions_by_hash_;
};

}  // namespace weft::abi
