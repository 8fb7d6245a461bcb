#include "inspect/manifest.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "manifest/bare.h"

namespace weft::inspect {
namespace {

// Interfaces by the beginning of their names, and the grant without which they deny everything.
struct Rule {
  std::string_view prefix;
  bool Grants::* grant;
};
constexpr Rule rules[] = {
    {"wasi:http/outgoing-handler", &Grants::outbound_hosts},
    {"wasi:http/client", &Grants::outbound_hosts},
    {"wasi:sockets/", &Grants::outbound_hosts},
    {"fermyon:spin/http", &Grants::outbound_hosts},
    {"fermyon:spin/redis", &Grants::outbound_hosts},
    {"fermyon:spin/mqtt", &Grants::outbound_hosts},
    {"fermyon:spin/mysql", &Grants::outbound_hosts},
    {"fermyon:spin/postgres", &Grants::outbound_hosts},
    {"spin:redis/", &Grants::outbound_hosts},
    {"spin:mqtt/", &Grants::outbound_hosts},
    {"spin:mysql/", &Grants::outbound_hosts},
    {"spin:postgres/", &Grants::outbound_hosts},
    {"fermyon:spin/key-value", &Grants::key_value_stores},
    {"spin:key-value/", &Grants::key_value_stores},
    {"wasi:keyvalue/", &Grants::key_value_stores},
    {"fermyon:spin/sqlite", &Grants::sqlite_databases},
    {"spin:sqlite/", &Grants::sqlite_databases},
    {"fermyon:spin/llm", &Grants::ai_models},
    {"fermyon:spin/config", &Grants::variables},
    {"fermyon:spin/variables", &Grants::variables},
    {"spin:variables/", &Grants::variables},
    {"wasi:config/", &Grants::variables},
};

bool any(const std::vector<std::string>& names, std::string_view prefix) {
  return std::ranges::any_of(names, [&](const std::string& name) { return name.starts_with(prefix); });
}

// As trigger/simple_handler.h has it.
bool has_simple_handler(const std::vector<std::string>& names) {
  return std::ranges::any_of(
      names, [](const std::string& name) { return name.starts_with("wgall:") && name.contains("/handler"); });
}

// A TOML basic string: JSON's escapes are among its own.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Manifest least_manifest(const std::string& file, const std::vector<std::string>& imports,
                        const std::vector<std::string>& exports) {
  Manifest manifest;
  for (const Rule& rule : rules) {
    if (any(imports, rule.prefix)) manifest.grants.*rule.grant = true;
  }
  const std::filesystem::path path(file);
  const std::string id = manifest::bare_app(path.filename()).components.front().id;
  std::string& text = manifest.text;
  text = "spin_manifest_version = 2\n\n[application]\nname = " + quoted(id) + "\nversion = \"0.1.0\"\n\n";
  if (any(exports, "fermyon:spin/inbound-redis") || any(exports, "spin:redis/inbound-redis")) {
    text += "[[trigger.redis]]\naddress = \"redis://localhost:6379\"\nchannel = \"messages\"\n";
  } else {
    if (!any(exports, "wasi:http/incoming-handler") && !any(exports, "wasi:http/handler") &&
        !any(exports, "fermyon:spin/inbound-http") && !has_simple_handler(exports)) {
      text += "# It exports no handler of HTTP requests: compose it with one that does.\n";
    }
    text += "[[trigger.http]]\nroute = \"/...\"\n";
  }
  text +=
      "component = " + quoted(id) + "\n\n[component." + id + "]\nsource = " + quoted(path.filename().string()) + "\n";
  if (manifest.grants.outbound_hosts) {
    text += "# The hosts it calls, such as \"https://api.example.com\".\nallowed_outbound_hosts = []\n";
  }
  if (manifest.grants.key_value_stores) text += "key_value_stores = [\"default\"]\n";
  if (manifest.grants.sqlite_databases) text += "sqlite_databases = [\"default\"]\n";
  if (manifest.grants.ai_models) text += "# The models it asks for.\nai_models = []\n";
  if (manifest.grants.variables)
    text += "\n# The variables it reads: name = \"value\".\n[component." + id + ".variables]\n";
  return manifest;
}

}  // namespace weft::inspect
