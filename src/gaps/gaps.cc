#include "gaps/gaps.h"

#include <algorithm>

namespace weft::gaps {
namespace {

constexpr std::string_view gated = "the component model's specification does not have it finally";
constexpr std::string_view not_built = "it is not built yet";

// In the order of the enumeration.
constexpr Entry table[] = {
    {Gap::component_values, "component-values", "values and start functions of components", gated,
     "export a function and call it"},
    {Gap::version_suffixes, "version-suffixes", "version suffixes of names", gated,
     "build the component with full versions in its names"},
    {Gap::shared_everything_threads, "shared-everything-threads", "thread.spawn and thread.available-parallelism",
     gated, "build without shared-everything threads"},
    {Gap::memory64, "memory64", "64-bit memories and tables at the boundary of components", gated,
     "build for a 32-bit target"},
    {Gap::imported_modules, "imported-modules", "components that import a core module",
     "a host has no core modules to give", "compose it with a component that has the module"},
    {Gap::imported_components, "imported-components", "components that import a component",
     "a host has no components to give", "compose it with that component"},
    {Gap::core_modules, "core-modules",
     "core modules with other imports than wasi_snapshot_preview1 and the synchronous ones of wit-bindgen, or with "
     "exports whose types are their own",
     not_built, "make a component of it: wasm-tools component new"},
    {Gap::registry_sources, "registry-sources", "components from a registry", not_built,
     "download it and name the file, or its URL and digest, in `source`"},
    {Gap::redis_triggers, "redis-triggers", "triggers of type redis", not_built, "use [[trigger.http]]"},
    {Gap::other_triggers, "other-triggers", "triggers of types that a plugin serves",
     "weft has no plugins for triggers", "use [[trigger.http]]"},
    {Gap::wagi, "wagi", "commands of WASI 0.3 for the wagi executor", not_built, "build the command for WASI 0.2"},
    {Gap::variables_providers, "variables-providers", "variables from Vault or Azure Key Vault", not_built,
     "use a provider of type \"env\" or \"static\", or secrets: weft secret set"},
    {Gap::key_value_types, "key-value-types", "key-value stores in Azure Cosmos DB or DynamoDB", not_built,
     "use a store of type \"spin\" or \"redis\""},
    {Gap::runtime_config, "runtime-config",
     "keys of runtime-config.toml other than variables_provider, key_value_store, outbound_http, outbound_networking "
     "and "
     "client_tls",
     not_built, "leave them out"},
    {Gap::telemetry_export, "telemetry-export", "telemetry to a collector, as [application.otel] asks", not_built,
     "let it be fetched: --metrics-listen"},
    {Gap::call_with_handles, "call-with-handles", "calls of functions with resources or streams, by call and serve-api",
     "a call stands alone, and JSON has no handles", "export a function of plain values that does the whole"},
    {Gap::wit_binary_packages, "wit-binary-packages", "WIT packages in binary form in deps/", not_built,
     "put their text there: weft wit print PACKAGE.wasm"},
    {Gap::registry_targets, "registry-targets",
     "targets in Spin's catalogue or at a URL, and their worlds in registries", not_built,
     "name a folder of WIT: targets = [{ path = \"wit\" }]"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(table); ++i) {
    if (table[i].gap != static_cast<Gap>(i)) return false;
  }
  return true;
}
static_assert(in_order());

constexpr std::string_view use_http = "use wasi:http/outgoing-handler, if the service has an HTTP interface";

// The first that matches counts.
constexpr Interfaces interface_table[] = {
    {"wasi:clocks/timezone", "time zones, which WASI has on trial and neither Wasmtime nor Spin offers",
     "count in UTC, or build the time zones into the component"},
    {"wasi:http/handler@0.3", "the next handler of middleware, where there is none",
     "name it in dependencies.middleware of a trigger, in front of a component"},
    {"wasi:*@0.3.0-rc-2025-", "release candidates of WASI 0.3 of 2025", "build the component with a newer SDK"},
    {"wasi:*@0.3.0-rc-2026-01-", "the release candidate of WASI 0.3 of January 2026",
     "build the component with a newer SDK"},
    {"wasi:*@0.3.0-rc-2026-02-", "the release candidate of WASI 0.3 of February 2026",
     "build the component with a newer SDK"},
    {"wasi:*@0.2.0-rc-2023-11-05", "a release candidate of WASI 0.2 between those of October and November 2023",
     "build the component with a newer SDK"},
    {"wasi:*@0.2.0-rc-2023-12-", "the release candidate of WASI 0.2 of December 2023",
     "build the component with a newer SDK"},
    {"wasi:*@0.2.0-rc-2024-", "the release candidate of WASI 0.2 of January 2024",
     "build the component with a newer SDK"},
    {"wasi:keyvalue/watcher", "notice of changes in a key-value store", ""},
    {"wasi:keyvalue@0.1", "an early draft of key-value stores", "build the component with wasi:keyvalue@0.2.0-draft2"},
    {"wasi:keyvalue@0.3", "key-value stores of WASI 0.3", "build the component with wasi:keyvalue@0.2.0-draft2"},
    {"wasi:blobstore", "blob stores", use_http},
    {"wasi:messaging", "messaging", use_http},
    {"wasi:logging", "structured logging", "write to standard error"},
    {"wasi:nn", "neural networks", ""},
    {"wasi:otel", "telemetry of the guest's own", ""},
    {"spin:sqlite", "SQLite databases", ""},
    {"spin:redis", "Redis", ""},
    {"spin:postgres", "PostgreSQL", ""},
    {"spin:mysql", "MySQL", ""},
    {"spin:mqtt", "MQTT", ""},
    {"fermyon:spin/inbound-redis", "the Redis trigger of Spin 1", "use [[trigger.http]]"},
    {"fermyon:spin/sqlite", "SQLite databases", ""},
    {"fermyon:spin/redis*", "Redis", ""},
    {"fermyon:spin/mysql", "MySQL", ""},
    {"fermyon:spin/postgres", "PostgreSQL", ""},
    {"fermyon:spin/rdbms-types", "relational databases", ""},
    {"fermyon:spin/mqtt", "MQTT", ""},
    {"fermyon:spin/llm", "language models", ""},
    {"wasmcloud:*", "wasmCloud's own interfaces", ""},
};

// One part of a pattern against one part of a name.
bool part_matches(std::string_view pattern, std::string_view part) {
  if (pattern.ends_with('*')) return part.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern.empty() || pattern == part;
}

struct Parts {
  std::string_view package;    // "ns:package"
  std::string_view interface;  // may be empty
  std::string_view version;    // may be empty
};

Parts parts_of(std::string_view name) {
  Parts parts;
  if (const auto at = name.find('@'); at != std::string_view::npos) {
    parts.version = name.substr(at + 1);
    name = name.substr(0, at);
  }
  if (const auto slash = name.find('/'); slash != std::string_view::npos) {
    parts.interface = name.substr(slash + 1);
    name = name.substr(0, slash);
  }
  parts.package = name;
  return parts;
}

std::string not_yet(std::string_view subject, std::string_view instead) {
  std::string text = std::string(subject) + " (not yet)";
  if (!instead.empty()) text += ": " + std::string(instead);
  return text;
}

}  // namespace

std::span<const Entry> entries() {
  return table;
}
std::span<const Interfaces> interfaces() {
  return interface_table;
}

const Entry& entry_of(Gap gap) {
  return table[static_cast<std::size_t>(gap)];
}

const Interfaces* find_interfaces(std::string_view import) {
  const Parts name = parts_of(import);
  const auto* found = std::ranges::find_if(interface_table, [&](const Interfaces& entry) {
    const Parts pattern = parts_of(entry.pattern);
    // A version in a pattern is the beginning of those it stands for.
    return part_matches(pattern.package, name.package) && part_matches(pattern.interface, name.interface) &&
           name.version.starts_with(pattern.version);
  });
  return found == std::end(interface_table) ? nullptr : found;
}

Error refuse(Gap gap, std::string_view subject) {
  return refuse_saying(gap, not_yet(subject, entry_of(gap).instead));
}

Error refuse_saying(Gap, std::string message) {
  return Error(Errc::unsupported, std::move(message));
}

std::string needs(std::string_view what, std::string_view instead) {
  return not_yet("needs " + std::string(what), instead);
}

std::string needs_interface(std::string_view import, std::string_view written) {
  if (written.empty()) written = import;
  if (const Interfaces* known = find_interfaces(import)) return needs(written, known->instead);
  return "needs " + std::string(written) +
         ", which weft does not know: compose it with a component that exports it (wac plug)";
}

Error refuse_needs(std::string lines) {
  return Error(Errc::unsupported, std::move(lines));
}

}  // namespace weft::gaps
