#include "call/value_call.h"
#include "wast/constants.h"
#include "wast/instance.h"

namespace weft::wast {
namespace {

class ComponentResults final : public Results {
 public:
  // `type` is null, or what the value is of.
  ComponentResults(std::shared_ptr<const component::LinkedComponent> owner, abi::TypeRef type,
                   std::optional<abi::Value> value)
      : owner_(std::move(owner)), type_(type), value_(std::move(value)) {}

  std::optional<std::string> mismatch(const nlohmann::json& expected) const override {
    if (expected.size() != (type_ == nullptr ? 0 : 1)) return text();
    if (type_ == nullptr) return std::nullopt;
    const auto wanted = component_value(expected[0], type_);
    if (!wanted) return text() + " (" + wanted.error().message() + ")";
    if (*wanted == *value_) return std::nullopt;
    return text();
  }

  std::string text() const override { return type_ == nullptr ? "no value" : abi::to_string(*value_, type_); }

 private:
  std::shared_ptr<const component::LinkedComponent> owner_;  // of the type
  abi::TypeRef type_;
  std::optional<abi::Value> value_;
};

class ComponentInstance final : public Instance {
 public:
  explicit ComponentInstance(std::chrono::seconds time_limit) : driver_(time_limit) {}
  static std::expected<std::shared_ptr<Instance>, Failure> create(
      std::shared_ptr<const component::LinkedComponent> component, std::chrono::seconds time_limit,
      std::optional<std::uint32_t> seed) {
    auto made = std::make_shared<ComponentInstance>(time_limit);
    made->component_ = component;
    auto instance = component::Instance::create(std::move(component), made->driver_.context(), made->driver_,
                                                script_limits, &made->driver_);
    if (!instance) return std::unexpected(Failure{instance.error().message()});
    made->instance_ = *std::move(instance);
    if (seed) made->instance_->scheduler().set_seed(*seed);
    auto failure = made->driver_.run(*made->instance_, [&] { made->instance_->instantiate(); }, [] { return true; });
    if (failure) return std::unexpected(*std::move(failure));
    return made;
  }

  Outcome act(const Action& action) override {
    const component::LinkPlan& plan = instance_->component().plan();
    const component::ExportItem* item = plan.exports.find(action.field);
    const auto* func = item == nullptr || action.get ? nullptr : std::get_if<component::FuncRef>(item);
    if (func == nullptr) return std::unexpected(Failure{"there is no exported function " + action.field});
    const abi::FuncType& type = *plan.type_of(*func);
    if (action.args.size() != type.params->fields.size()) {
      return std::unexpected(Failure{action.field + " has " + std::to_string(type.params->fields.size()) +
                                     " parameters, not " + std::to_string(action.args.size())});
    }
    abi::Record args;
    for (std::size_t i = 0; i < action.args.size(); ++i) {
      auto value = component_value(action.args[i], type.params->fields[i].type);
      if (!value) return std::unexpected(Failure{value.error().message()});
      args.fields.push_back(*std::move(value));
    }
    call::ValueCall call(std::move(args));
    auto failure = driver_.run(*instance_, [&] { instance_->call(*func, call); }, [&] { return call.returned; });
    if (failure) return std::unexpected(*std::move(failure));
    return std::make_unique<ComponentResults>(component_, type.result, std::move(call.result));
  }

 private:
  std::shared_ptr<const component::LinkedComponent> component_;
  Driver driver_;
  std::unique_ptr<component::Instance> instance_;
};

}  // namespace

std::expected<std::shared_ptr<Instance>, Failure> instantiate(
    std::shared_ptr<const component::LinkedComponent> component, std::chrono::seconds time_limit,
    std::optional<std::uint32_t> seed) {
  return ComponentInstance::create(std::move(component), time_limit, seed);
}

}  // namespace weft::wast
