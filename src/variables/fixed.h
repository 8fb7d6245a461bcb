// A source of variables that is a table: what a command line or a configuration file says.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "provider/variables.h"

namespace weft::variables {

using Table = std::map<std::string, Secret, std::less<>>;

class FixedVariables final : public provider::VariablesProvider {
 public:
  // `description`: what it is, for people.
  FixedVariables(std::string description, Table values)
      : description_(std::move(description)), values_(std::move(values)) {}

  std::string describe() const override { return description_; }
  Result<std::optional<Secret>> get(std::string_view name) const override {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }

 private:
  const std::string description_;
  const Table values_;
};

}  // namespace weft::variables
