// Variables from the environment: `user_name` is PREFIX_USER_NAME. What the environment does not have, a dotenv file
// may.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "provider/variables.h"
#include "variables/fixed.h"

namespace weft::variables {

inline constexpr std::string_view default_prefix = "SPIN_VARIABLE";

// The process's environment, as execve(2) has it: NAME=value, the last one null. Names with their values as they were
// when it was made.
class Environment {
 public:
  explicit Environment(const char* const* block);
  std::optional<std::string> get(std::string_view name) const;
  const Table& values() const { return values_; }

 private:
  Table values_;
};

class EnvironmentVariables final : public provider::VariablesProvider {
 public:
  // `dotenv`: the file behind the environment; empty: none. A file that does not exist is an empty one, which is said
  // by `*missing` when that is not null. Errc::invalid with file and line when it is malformed.
  static Result<std::unique_ptr<EnvironmentVariables>> create(const Environment& environment, std::string prefix,
                                                              const std::filesystem::path& dotenv,
                                                              bool* missing = nullptr);

  std::string describe() const override { return "the environment (" + prefix_ + "_*)"; }
  // Errc::invalid: the value is not UTF-8.
  Result<std::optional<Secret>> get(std::string_view name) const override;

 private:
  explicit EnvironmentVariables(std::string prefix) : prefix_(std::move(prefix)) {}
  void add(std::string_view variable, const Secret& value);

  const std::string prefix_;
  Table values_;  // by the variable's name
};

// The environment itself, each variable by its own name: the source "env" of a secret.
class PlainEnvironment final : public provider::VariablesProvider {
 public:
  explicit PlainEnvironment(const Environment& environment) : values_(environment.values()) {}
  std::string describe() const override { return "the environment"; }
  Result<std::optional<Secret>> get(std::string_view name) const override;

 private:
  const Table values_;
};

}  // namespace weft::variables
