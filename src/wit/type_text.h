// Types as WIT text.
#pragma once

#include <string>

#include "wit/docs.h"
#include "wit/scope.h"

namespace weft::wit {

// Bytes of text left to write. Types are graphs that stand for trees far larger than themselves, so the text must be
// bounded while it is made.
struct Budget {
  std::size_t left;
  bool spend(std::size_t bytes) {
    left -= std::min(left, bytes);
    return left != 0;
  }
};

// Writes the types that appear in one scope.
class TypeText {
 public:
  TypeText(Scope& scope, Budget& budget) : scope_(scope), budget_(budget) {}

  // As it is used: its name, or what it is made of.
  std::string reference(const component::ValueType* type);
  std::string reference(const component::ResourceType* type);
  // As it is defined: "record name {\n  …\n}" or "type name = …;". `owner` is what `docs` knows the scope as.
  std::string definition(const component::ValueType* type, const std::string& name, const Docs& docs,
                         std::string_view owner);
  // "func(a: u32) -> string"; without its first parameter for a method.
  std::string function(const component::FuncType& type, bool is_method, std::string_view keyword = "func");

 private:
  std::string of_owner(const Owner& owner);
  std::string shape(const component::ValueType& type);
  std::string arguments(std::string_view name, std::initializer_list<const component::ValueType*> types);

  Scope& scope_;
  Budget& budget_;
};

}  // namespace weft::wit
