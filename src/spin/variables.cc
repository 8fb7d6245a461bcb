#include "spin/variables.h"

namespace weft::spin {
namespace {

using bind::Host;
using variables::ComponentVariables;
using Fault = ComponentVariables::Fault;

const ComponentVariables& variables_of(Host host) {
  static const manifest::App no_app;
  static const manifest::Component no_component;
  static const variables::Variables no_values(no_app, {});
  static const ComponentVariables none(no_values, no_component);
  const ComponentVariables* given = host.state<VariablesState>().variables;
  return given == nullptr ? none : *given;
}

// Cases of errors that several versions have.
struct Provider {
  std::string message;
  static constexpr std::string_view label = "provider";
};
struct Other {
  std::string message;
  static constexpr std::string_view label = "other";
};

// fermyon:spin/variables@2.0.0, and spin:variables@3.0.0, where it is asynchronous: no source waits for anything.
namespace v2 {
struct InvalidName {
  std::string message;
  static constexpr std::string_view label = "invalid-name";
};
struct Undefined {
  std::string message;
  static constexpr std::string_view label = "undefined";
};
using Error = std::variant<InvalidName, Undefined, Provider, Other>;

Error to_error(ComponentVariables::Failure failure) {
  switch (failure.fault) {
    case Fault::invalid_name:
      return InvalidName{std::move(failure.message)};
    case Fault::undefined:
      return Undefined{std::move(failure.message)};
    case Fault::provider:
      return Provider{std::move(failure.message)};
  }
  return Other{std::move(failure.message)};
}

std::expected<std::string, Error> get(Host host, std::string name) {
  auto value = variables_of(host).get(name);
  if (!value) return std::unexpected(to_error(std::move(value).error()));
  return *std::move(value);
}
}  // namespace v2

// fermyon:spin/config, of Spin 1
namespace v1 {
struct InvalidKey {
  std::string message;
  static constexpr std::string_view label = "invalid-key";
};
struct InvalidSchema {
  std::string message;
  static constexpr std::string_view label = "invalid-schema";
};
using Error = std::variant<Provider, InvalidKey, InvalidSchema, Other>;

std::expected<std::string, Error> get_config(Host host, std::string key) {
  auto value = variables_of(host).get(key);
  if (value) return *std::move(value);
  auto failure = std::move(value).error();
  if (failure.fault == Fault::invalid_name) return std::unexpected(InvalidKey{std::move(failure.message)});
  return std::unexpected(Provider{std::move(failure.message)});
}
}  // namespace v1

// wasi:config
namespace config {
struct Upstream {
  std::string message;
  static constexpr std::string_view label = "upstream";
};
struct Io {
  std::string message;
  static constexpr std::string_view label = "io";
};
using Error = std::variant<Upstream, Io>;

std::expected<std::optional<std::string>, Error> get(Host host, std::string key) {
  auto value = variables_of(host).get(key);
  if (value) return *std::move(value);
  if (value.error().fault != Fault::provider) return std::nullopt;
  return std::unexpected(Upstream{std::move(value.error().message)});
}

std::expected<std::vector<std::tuple<std::string, std::string>>, Error> get_all(Host host) {
  auto values = variables_of(host).get_all();
  if (!values) return std::unexpected(Upstream{std::move(values.error().message)});
  std::vector<std::tuple<std::string, std::string>> out;
  out.reserve(values->size());
  for (auto& [name, value] : *values) out.emplace_back(name, std::move(value));
  return out;
}
}  // namespace config

}  // namespace

void add_variables(bind::Registry& registry) {
  registry.interface("fermyon:spin/variables@2.0.0").func<&v2::get>("get");
  registry.interface("spin:variables/variables@3.0.0").async_func<&v2::get>("get");
  registry.interface("fermyon:spin/config").func<&v1::get_config>("get-config");
  // The same in every draft that hosts have offered: Spin's, and wasmCloud's before and after the interface got its
  // name.
  for (const char* name : {"wasi:config/store@0.2.0-draft-2024-09-27", "wasi:config/store@0.2.0-rc.1",
                           "wasi:config/store@0.2.0-draft", "wasi:config/runtime@0.2.0-draft"}) {
    registry.interface(name).func<&config::get>("get").func<&config::get_all>("get-all");
  }
}

}  // namespace weft::spin
