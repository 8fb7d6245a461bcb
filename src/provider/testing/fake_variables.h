// A VariablesProvider for tests: values that can be changed, and failures.
#pragma once

#include <map>

#include "provider/variables.h"

namespace weft::provider::testing {

// Not thread-safe: one test, one thread.
class FakeVariables final : public VariablesProvider {
 public:
  FakeVariables() = default;
  explicit FakeVariables(std::map<std::string, std::string> given) {
    for (auto& [name, value] : given) values.emplace(name, Secret(value));
  }

  std::string describe() const override { return "the fake"; }
  Result<std::optional<Secret>> get(std::string_view name) const override {
    ++asked;
    if (failure) return std::unexpected(*failure);
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  }

  std::map<std::string, Secret, std::less<>> values;
  std::optional<Error> failure;  // every get() fails with it
  mutable unsigned asked = 0;
};

}  // namespace weft::provider::testing
