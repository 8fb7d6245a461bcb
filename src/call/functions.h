// The functions that a component exports, and how they are named.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "component/plan.h"
#include "util/error.h"

namespace weft::call {

struct Function {
  std::string interface;  // "weft:values/echo@1.2.0"; empty: the component exports the function itself
  std::string name;       // "describe", "[method]counter.next"
  component::FuncRef func;
  const abi::FuncType* type = nullptr;  // the plan's
  // Why it cannot be called with JSON: "its result has a resource"; empty: it can.
  std::string refusal;

  // "weft:values/echo@1.2.0#describe", or "greet". With another separator as a path.
  std::string full_name(char separator = '#') const;
};

// In the component's order; of its own and of the interfaces that it exports. The plan outlives them.
std::vector<Function> functions_of(const component::LinkPlan& plan);

// The one that `name` means: "ns:package/interface@version#function" without the version or without the package where
// that is clear, or a function's name alone. Errc::not_found: there is none; Errc::invalid: there are several. The
// message says what there is.
Result<const Function*> find_function(std::span<const Function> functions, std::string_view name, char separator = '#');

// That it cannot be called with JSON.
Error refused(const Function& function);

}  // namespace weft::call
