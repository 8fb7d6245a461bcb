#include "manifest/runtime_config.h"

#include <algorithm>

#include "manifest/document.h"
#include "manifest/identifier.h"
#include "manifest/key_value_config.h"
#include "manifest/load.h"
#include "manifest/reader.h"
#include "manifest/text.h"
#include "util/read_file.h"

namespace weft::manifest {
namespace {

// What other hosts of Spin applications read.
constexpr std::string_view other_keys[] = {"state_dir",       "log_dir",        "max_instance_memory",
                                           "sqlite_database", "llm_compute",    "outbound_pg",
                                           "outbound_redis",  "outbound_mysql", "outbound_mqtt"};

StaticProvider read_static(TableReader& reader) {
  StaticProvider out;
  const Member* values = reader.table("values");
  if (values == nullptr) {
    if (!reader.has("values")) {
      reader.error("values", "the static provider has no values", "add values = { name = \"...\" }");
    }
    return out;
  }
  for (const Member& member : *values->value.get<Value::Table>()) {
    const std::string key = join_key(reader.key_of("values"), member.name);
    const auto* text = member.value.get<std::string>();
    if (text == nullptr) {
      report_type(reader.report(), member.value, key, "a string");
    } else if (!is_lower_snake(member.name)) {
      reader.report().error(member.at, key, "not the name of a variable", "lower-case words joined by `_`");
    } else {
      out.values.emplace_back(member.name, weft::Secret(*text));
    }
  }
  return out;
}

void read_provider(Report& report, const Value& table, const std::string& key, RuntimeConfig& config) {
  if (table.get<Value::Table>() == nullptr) {
    report_type(report, table, key, "a table");
    return;
  }
  TableReader reader(report, table, key);
  VariablesProvider provider{.source = EnvironmentProvider{}, .at = table.at};
  const auto type = reader.required_string("type", "add type = \"env\" or type = \"static\"");
  if (type.value.empty()) return;
  if (type.value == "env") {
    EnvironmentProvider environment;
    if (auto prefix = reader.string("prefix")) environment.prefix = std::move(prefix->value);
    if (auto path = reader.string("dotenv_path")) environment.dotenv_path = std::move(path->value);
    provider.source = std::move(environment);
    reader.finish();
  } else if (type.value == "static") {
    provider.source = read_static(reader);
    reader.finish();
  } else if (type.value == "vault" || type.value == "azure_key_vault") {
    provider.source = OtherProvider{type.value};
  } else {
    reader.error("type", "unknown type of provider", "one of: \"env\", \"static\", \"vault\", \"azure_key_vault\"");
    return;
  }
  config.variables_providers.push_back(std::move(provider));
}

void read_providers(TableReader& reader, std::string_view name, RuntimeConfig& config) {
  const Member* providers = reader.array(name);
  if (providers == nullptr) return;
  const auto& elements = *providers->value.get<Value::Array>();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    read_provider(reader.report(), elements[i], join_index(reader.key_of(name), i), config);
  }
}

RuntimeConfigResult failure(const std::filesystem::path& file, Location at, std::string message, std::string remedy) {
  Report report(file.string(), {});
  report.error(at, "", std::move(message), std::move(remedy));
  return {std::nullopt, report.take()};
}

}  // namespace

RuntimeConfigResult load_runtime_config_text(std::string_view text, const std::filesystem::path& file_name) {
  const auto document = parse_document(text);
  if (!document) {
    return failure(file_name, document.error().at, document.error().message,
                   "repair the TOML syntax: see https://toml.io");
  }
  // Without the text: no line is quoted.
  Report report(file_name.string(), {});
  RuntimeConfig config;
  config.file = file_name;
  TableReader reader(report, *document, "");
  read_providers(reader, "variables_provider", config);
  read_providers(reader, "config_provider", config);
  // Both names may be used, and the order is that of the file.
  std::ranges::sort(config.variables_providers, {}, &VariablesProvider::at);
  config.key_value_stores = read_key_value_stores(reader, file_name.parent_path());
  config.outbound_http = read_outbound_http(reader);
  config.outbound_networking = read_outbound_networking(reader);
  config.client_tls = read_client_tls(reader, file_name.parent_path());
  for (const std::string_view key : other_keys) {
    const Member* member = reader.member(key);
    if (member != nullptr) config.others.push_back({std::string(key), member->at});
  }
  reader.finish();
  if (report.failed()) return {std::nullopt, report.take()};
  return {std::move(config), report.take()};
}

RuntimeConfigResult load_runtime_config(const std::filesystem::path& path) {
  auto text = read_file(path, max_manifest_bytes);
  if (!text) return failure(path, {}, text.error().message(), "name the file with --runtime-config-file");
  RuntimeConfigResult result = load_runtime_config_text(*text, path);
  wipe(*text);
  return result;
}

}  // namespace weft::manifest
