// runtime-config.toml: what the site gives an application, beside what its manifest asks for.
//
// Plain data, read once. Every problem is reported, not only the first; no diagnostic quotes a line, for values stand
// there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "manifest/diagnostic.h"
#include "manifest/outbound_config.h"
#include "manifest/value.h"
#include "util/secret.h"

namespace weft::manifest {

// `[[variables_provider]]`, or `[[config_provider]]` as it was once called.
struct EnvironmentProvider {
  std::string prefix = "SPIN_VARIABLE";
  std::filesystem::path dotenv_path;  // relative to the working directory; empty: none
};
struct StaticProvider {
  std::vector<std::pair<std::string, weft::Secret>> values;
};
// Of a type that is valid and read by nothing here: "vault", "azure_key_vault".
struct OtherProvider {
  std::string type;
};
struct VariablesProvider {
  std::variant<EnvironmentProvider, StaticProvider, OtherProvider> source;
  Location at;
};

// `[key_value_store.<label>]` of type "spin": a file, or without a path memory.
struct SpinKeyValueStore {
  std::optional<std::filesystem::path> path;  // from the configuration's folder
};
// Of type "redis".
struct RedisKeyValueStore {
  weft::Secret url;  // may hold a password
};
// Of a type that is valid and served by nothing here: "azure_cosmos", "aws_dynamo".
struct OtherKeyValueStore {
  std::string type;
};
struct KeyValueStoreConfig {
  std::string label;
  std::variant<SpinKeyValueStore, RedisKeyValueStore, OtherKeyValueStore> store;
  Location at;
};

struct RuntimeConfig {
  std::filesystem::path file;
  std::vector<VariablesProvider> variables_providers;  // in the order of the file
  std::vector<KeyValueStoreConfig> key_value_stores;
  OutboundHttpConfig outbound_http;
  OutboundNetworkingConfig outbound_networking;
  std::vector<ClientTlsConfig> client_tls;   // in the order of the file
  std::vector<Located<std::string>> others;  // keys of the root that are valid and read by nothing here
};

struct RuntimeConfigResult {
  std::optional<RuntimeConfig> config;  // absent when there is any error
  std::vector<Diagnostic> diagnostics;
};

RuntimeConfigResult load_runtime_config(const std::filesystem::path& path);
// `file_name` is what diagnostics print.
RuntimeConfigResult load_runtime_config_text(std::string_view text, const std::filesystem::path& file_name);

}  // namespace weft::manifest
