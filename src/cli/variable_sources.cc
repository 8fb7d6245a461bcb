#include "cli/variable_sources.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "gaps/gaps.h"
#include "manifest/diagnostic.h"
#include "manifest/document.h"
#include "util/read_file.h"
#include "variables/environment.h"
#include "variables/fixed.h"
#include "variables/secret_store.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using variables::Provider;
using variables::Table;

constexpr std::string_view forms = "expected KEY=VALUE, KEY=@FILE, @FILE.json or @FILE.toml";

std::unexpected<Error> not_a_string(const std::string& path, const std::string& name) {
  return fail(Errc::invalid, path + ": the value of " + name + " is not a string: write it in quotes");
}

Result<void> put(Table& values, std::string_view where, std::string_view name, std::string value) {
  if (!variables::is_variable_name(name)) {
    return fail(Errc::invalid, std::string(where) + ": \"" + std::string(name.substr(0, 100)) +
                                   "\" is not the name of a variable: lower-case words joined by `_`");
  }
  values.insert_or_assign(std::string(name), Secret(std::move(value)));
  return {};
}

Result<void> read_json(Table& values, const std::string& path, const std::string& text) {
  // The parser's own messages quote the text.
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return fail(Errc::invalid, path + ": not a JSON object of names and values");
  for (const auto& [name, value] : document.items()) {
    if (!value.is_string()) return not_a_string(path, name);
    CHECK_OK(put(values, path, name, value.get<std::string>()));
  }
  return {};
}

Result<void> read_toml(Table& values, const std::string& path, const std::string& text) {
  const auto document = manifest::parse_document(text);
  if (!document) {
    return fail(Errc::invalid, path + ":" + std::to_string(document.error().at.line) + ": " + document.error().message);
  }
  for (const manifest::Member& member : *document->get<manifest::Value::Table>()) {
    const auto* value = member.value.get<std::string>();
    if (value == nullptr) return not_a_string(path, member.name);
    CHECK_OK(put(values, path, member.name, *value));
  }
  return {};
}

Result<void> read_option(Table& values, const std::string& option) {
  if (option.starts_with('@')) {
    const std::string path = option.substr(1);
    const std::string extension = fs::path(path).extension();
    if (extension != ".json" && extension != ".toml") return fail(Errc::invalid, std::string(forms));
    TRY(std::string text, read_file(path, max_variable_file_bytes));
    auto read = extension == ".json" ? read_json(values, path, text) : read_toml(values, path, text);
    wipe(text);
    return read;
  }
  const std::size_t equals = option.find('=');
  if (equals == std::string::npos) return fail(Errc::invalid, std::string(forms));
  std::string value = option.substr(equals + 1);
  if (value.starts_with('@')) {
    TRY(value, read_file(value.substr(1), max_variable_file_bytes));
  }
  return put(values, "--variable", std::string_view(option).substr(0, equals), std::move(value));
}

// Those of runtime-config.toml.
Result<void> add_configured(std::vector<Provider>& sources, const std::string& path,
                            const variables::Environment& environment,
                            const std::function<void(std::string_view)>& warn) {
  TRY(const auto config, read_runtime_config(path));
  std::string refusals;
  auto refuse = [&](gaps::Gap gap, manifest::Location at, const std::string& what) {
    refusals += refusals.empty() ? "" : "\n";
    refusals += gaps::refuse(gap, path + ":" + std::to_string(at.line) + ": " + what).message();
  };
  for (const auto& key : config.others) refuse(gaps::Gap::runtime_config, key.at, key.value);
  for (const manifest::VariablesProvider& provider : config.variables_providers) {
    if (const auto* fixed = std::get_if<manifest::StaticProvider>(&provider.source)) {
      Table values;
      for (const auto& [name, value] : fixed->values) values.insert_or_assign(name, value);
      sources.push_back(std::make_shared<variables::FixedVariables>(path, std::move(values)));
    } else if (const auto* env = std::get_if<manifest::EnvironmentProvider>(&provider.source)) {
      bool missing = false;
      TRY(auto made, variables::EnvironmentVariables::create(environment, env->prefix, env->dotenv_path, &missing));
      if (missing) warn(path + ": the file " + env->dotenv_path.string() + " of dotenv_path does not exist");
      sources.push_back(std::move(made));
    } else {
      refuse(gaps::Gap::variables_providers, provider.at,
             "variables from " + std::get<manifest::OtherProvider>(provider.source).type);
    }
  }
  if (!refusals.empty()) return fail(Errc::invalid, std::move(refusals));
  return {};
}

bool has_own_secrets(const manifest::App& app) {
  return std::ranges::any_of(app.components, [](const manifest::Component& component) {
    return component.used && std::ranges::count(component.secrets, manifest::SecretSource::spin_application,
                                                &manifest::Secret::source) > 0;
  });
}

}  // namespace

Result<manifest::RuntimeConfig> read_runtime_config(const std::string& path,
                                                    const std::function<void(std::string_view lines)>& tell) {
  if (path.empty()) return manifest::RuntimeConfig();
  auto loaded = manifest::load_runtime_config(path);
  if (!loaded.config)
    return fail(Errc::invalid, "in the runtime configuration:\n" + manifest::format_all(loaded.diagnostics));
  if (tell && !loaded.diagnostics.empty()) tell(manifest::format_all(loaded.diagnostics));
  return *std::move(loaded.config);
}

Result<Table> read_variable_options(const std::vector<std::string>& options) {
  Table values;
  for (const std::string& option : options) {
    if (auto read = read_option(values, option); !read) {
      return std::unexpected(std::move(read).error().context("--variable"));
    }
  }
  return values;
}

Result<variables::Sources> open_sources(const manifest::App& app, const VariableOptions& options,
                                        const std::function<void(std::string_view line)>& warn) {
  variables::Sources sources;
  const variables::Environment environment(environ);
  TRY(Table given, read_variable_options(options.variables));
  for (const auto& [name, value] : given) {
    if (app.find_variable(name) == nullptr) warn("--variable " + name + ": the application declares no such variable");
  }
  sources.variables.push_back(std::make_shared<variables::FixedVariables>("--variable", std::move(given)));
  CHECK_OK(add_configured(sources.variables, options.runtime_config_file, environment, warn));
  TRY(auto usual, variables::EnvironmentVariables::create(environment, std::string(variables::default_prefix), ".env"));
  sources.variables.push_back(std::move(usual));
  sources.environment = std::make_shared<variables::PlainEnvironment>(environment);
  if (has_own_secrets(app)) {
    TRY(sources.secrets,
        variables::SecretStore::read(variables::SecretStore::path_in(app.root), variables::SecretKey::default_path()));
  }
  return sources;
}

}  // namespace weft::cli
