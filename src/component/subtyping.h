// Type matching of the component level (Explainer.md "Type Checking"): may `actual` be used where `expected` is
// asked for. Value types match if they are equal; functions if their parameters and results are; instances may
// export more; components may import less and export more.
#pragma once

#include "component/substitution.h"
#include "util/error.h"

namespace weft::component {

// One comparison. Resources on each side are first replaced by that side's substitution; open variables of the
// expected side are bound to what they first meet. Errors are Errc::invalid without position and say what differs.
class Subtyping {
 public:
  Subtyping(TypeArena& arena, Substitution& actual, Substitution& expected)
      : arena_(arena), actual_(actual), expected_(expected) {}

  Result<void> check(const ExternType& actual, const ExternType& expected);
  Result<void> check_func(const FuncType* actual, const FuncType* expected);
  // Opens and solves the resources of `expected`.
  Result<void> check_instance(const InstanceType* actual, const InstanceType* expected);
  Result<void> check_component(const ComponentType* actual, const ComponentType* expected);
  Result<void> check_module(const ModuleType* actual, const ModuleType* expected);

 private:
  Result<void> check_type(const AnyType& actual, const AnyType& expected);
  Result<void> check_value(const ValueType* actual, const ValueType* expected, bool nested);
  Result<void> check_exports(const ExternItems& actual, const ExternItems& expected, std::string_view what);

  TypeArena& arena_;
  Substitution& actual_;
  Substitution& expected_;
};

// The same without substitutions.
Result<void> is_subtype(TypeArena& arena, const ExternType& actual, const ExternType& expected);

}  // namespace weft::component
