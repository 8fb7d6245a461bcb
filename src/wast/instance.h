// Instances of a script's modules and components, as commands see them: named exports to call.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "component/instance.h"
#include "wast/definition.h"
#include "wast/guest.h"
#include "wast/script.h"

namespace weft::wast {

// What an action gave.
class Results {
 public:
  virtual ~Results() = default;
  // Nothing if they are as `expected`, a script's constants; else what they are instead.
  virtual std::optional<std::string> mismatch(const nlohmann::json& expected) const = 0;
  virtual std::string text() const = 0;
};

using Outcome = std::expected<std::unique_ptr<Results>, Failure>;

class Instance : Pinned {
 public:
  virtual ~Instance() = default;
  virtual Outcome act(const Action& action) = 0;
};

// A component instance in a store of its own. `time_limit` is for each call, as below. With a seed, which of several
// ready threads runs is drawn.
std::expected<std::shared_ptr<Instance>, Failure> instantiate(
    std::shared_ptr<const component::LinkedComponent> component, std::chrono::seconds time_limit,
    std::optional<std::uint32_t> seed);

// Core instances, all in one store, which import from those registered.
class CoreWorld : Pinned {
 public:
  static Result<std::unique_ptr<CoreWorld>> create(const wasm::Engine& engine, std::chrono::seconds time_limit);

  std::expected<std::shared_ptr<Instance>, Failure> instantiate(const CoreDefinition& definition);
  // REQUIRES: `instance` was made here.
  void register_as(const std::string& name, std::shared_ptr<Instance> instance);

 private:
  explicit CoreWorld(std::chrono::seconds time_limit) : driver_(time_limit) {}
  Driver driver_;
  std::unique_ptr<wasm::Store> store_;
  std::map<std::string, std::shared_ptr<Instance>> registered_;
};

// Whether register_as() can be used.
bool is_core(const Instance& instance);

}  // namespace weft::wast
