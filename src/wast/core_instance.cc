#include <algorithm>

#include "wast/constants.h"
#include "wast/instance.h"

namespace weft::wast {
namespace {

// The largest core signature that a script may call: the runner's buffers, not a limit of guests.
constexpr std::size_t max_core_values = 64;

class CoreResults final : public Results {
 public:
  CoreResults(std::vector<wasm::CoreType> types, std::vector<abi::CoreValue> values)
      : types_(std::move(types)), values_(std::move(values)) {}

  std::optional<std::string> mismatch(const nlohmann::json& expected) const override {
    if (expected.size() != types_.size()) return text();
    for (std::size_t i = 0; i < types_.size(); ++i) {
      const auto same = core_matches(expected[i], types_[i], values_[i]);
      if (!same) return text() + " (" + same.error().message() + ")";
      if (!*same) return text();
    }
    return std::nullopt;
  }

  std::string text() const override {
    std::string out;
    for (std::size_t i = 0; i < types_.size(); ++i) out += (i == 0 ? "" : " ") + to_string(values_[i], types_[i]);
    return out.empty() ? "no value" : out;
  }

 private:
  std::vector<wasm::CoreType> types_;
  std::vector<abi::CoreValue> values_;
};

class CoreInstance final : public Instance {
 public:
  CoreInstance(Driver& driver, wasm::Store& store, wasm::Module module)
      : driver_(driver), store_(store), module_(std::move(module)) {}

  Outcome act(const Action& action) override {
    const auto items = module_.exports();
    const auto item = std::find_if(items.begin(), items.end(), [&](const wasm::ModuleItem& i) {
      return i.name == action.field && i.kind == wasm::ExternKind::func;
    });
    wasm::Extern found;
    if (action.get || item == items.end() || !store_.export_of(instance, action.field, found)) {
      return std::unexpected(Failure{"there is no exported function " + action.field});
    }
    const wasm::FuncType& type = item->func;
    if (std::max(type.params.size(), type.results.size()) > max_core_values) {
      return std::unexpected(Failure{action.field + " has too many parameters or results to be called"});
    }
    if (action.args.size() != type.params.size()) {
      return std::unexpected(Failure{action.field + " has " + std::to_string(type.params.size()) + " parameters, not " +
                                     std::to_string(action.args.size())});
    }
    std::vector<abi::CoreValue> values(max_core_values);
    for (std::size_t i = 0; i < action.args.size(); ++i) {
      auto value = core_value(action.args[i], type.params[i]);
      if (!value) return std::unexpected(Failure{value.error().message()});
      values[i] = *value;
    }
    auto failure = driver_.run(store_, [&] { store_.call(store_.func_of(found), values.data(), values.size()); });
    if (failure) return std::unexpected(*std::move(failure));
    values.resize(type.results.size());
    return std::make_unique<CoreResults>(type.results, std::move(values));
  }

  bool export_of(const std::string& name, wasm::Extern& out) { return store_.export_of(instance, name, out); }

  wasm::Instance instance{};

 private:
  Driver& driver_;
  wasm::Store& store_;
  wasm::Module module_;
};

}  // namespace

Result<std::unique_ptr<CoreWorld>> CoreWorld::create(const wasm::Engine& engine, std::chrono::seconds time_limit) {
  std::unique_ptr<CoreWorld> world(new CoreWorld(time_limit));
  TRY(world->store_, wasm::Store::create(engine, script_limits, &world->driver_, world.get()));
  return world;
}

std::expected<std::shared_ptr<Instance>, Failure> CoreWorld::instantiate(const CoreDefinition& definition) {
  std::vector<wasm::Extern> imports;
  for (const wasm::ModuleItem& import : definition.module.code.imports()) {
    const auto from = registered_.find(import.module);
    wasm::Extern item;
    if (from == registered_.end() || !static_cast<CoreInstance&>(*from->second).export_of(import.name, item)) {
      return std::unexpected(Failure{"unknown import: " + import.module + " " + import.name});
    }
    imports.push_back(item);
  }
  auto made = std::make_shared<CoreInstance>(driver_, *store_, definition.module.code);
  auto failure = driver_.run(*store_, [&] {
    made->instance = store_->instantiate(definition.module.code, imports, definition.module.images);
  });
  if (failure) return std::unexpected(*std::move(failure));
  return made;
}

void CoreWorld::register_as(const std::string& name, std::shared_ptr<Instance> instance) {
  registered_[name] = std::move(instance);
}

bool is_core(const Instance& instance) {
  return dynamic_cast<const CoreInstance*>(&instance) != nullptr;
}

}  // namespace weft::wast
