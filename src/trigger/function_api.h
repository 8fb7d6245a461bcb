// The exported functions of a component as an HTTP interface: POST /INTERFACE/FUNCTION with JSON.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abi/value.h"
#include "call/functions.h"
#include "component/plan.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::trigger {

// Immutable; thread-safe. The plan outlives it.
class FunctionApi : Pinned {
 public:
  // `bytes` are the component's, which have the names of its types.
  static Result<std::shared_ptr<const FunctionApi>> create(std::shared_ptr<const std::vector<std::byte>> bytes,
                                                           const component::LinkPlan& plan);

  // An answer that needs no instance.
  struct Answer {
    unsigned status = 200;
    std::string type;
    std::string body;
    const char* allow = nullptr;  // methods, where another one is not allowed
  };
  // What there is: JSON, or lines of text for people.
  Answer listing(bool for_people) const;
  // The function at a path beneath the component's route, or the answer that there is none.
  std::expected<const call::Function*, Answer> find(std::string_view path) const;
  Answer described(const call::Function& function) const;
  // Its arguments, or the answer that says what is wrong with them. `body`: JSON; empty: there are none.
  std::expected<abi::Value, Answer> arguments(const call::Function& function, std::string_view body) const;

 private:
  explicit FunctionApi(std::vector<call::Function> functions) : functions_(std::move(functions)) {}

  std::vector<call::Function> functions_;
  std::vector<std::string> signatures_;  // of each
  std::string list_, text_;
};

// {"error": message}
std::string error_json(std::string_view message);

}  // namespace weft::trigger
