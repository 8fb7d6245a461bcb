// The application model: what a manifest says once it is validated and normalised (Spin's "locked app").
//
// Everything here is plain data, built by load_file(), load_text() or bare_app() and never changed afterwards, so it
// may be read from any thread. Relative host paths are relative to App::root. Where a later step can still fail (a
// missing wasm file, a host that does not expand), the place in the manifest is kept in a Location.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "manifest/template.h"
#include "manifest/value.h"

namespace weft::manifest {

// `[variables.<name>]`. A variable without default is required.
struct Variable {
  std::string name;
  std::optional<std::string> default_value;
  bool secret = false;
  std::string description;
  Location at;
};

// Where a wasm binary comes from.
struct LocalSource {
  std::filesystem::path path;
};
struct UrlSource {
  std::string url;
  std::string digest;  // "sha256:" and 64 lower-case hexadecimal digits
};
struct RegistrySource {
  std::string registry;  // empty: the default registry
  std::string package;   // "namespace:name"
  std::string version;   // exact for a component source, a requirement for a dependency
};
// Another component of this application, by id; only in dependencies.
struct ComponentSource {
  std::string component;
};
using Source = std::variant<LocalSource, UrlSource, RegistrySource, ComponentSource>;

// Which of its user's grants a dependency receives.
enum class Grant {
  ai_models,
  allowed_outbound_hosts,
  environment,
  files,
  key_value_stores,
  sqlite_databases,
  variables
};

struct Dependency {
  std::string import;  // plain name or ns:pkg[/interface][@version]; empty for a trigger's dependencies
  Source source;
  std::string export_name;    // empty: the export of the same name
  std::vector<Grant> grants;  // all of them for `inherit_configuration = true`
  Location at;
};

// A pattern of host files, or a file or directory with its place in the guest.
struct FileMount {
  std::string source;                      // pattern when there is no destination
  std::optional<std::string> destination;  // guest path
  Location at;
};

// `allowed_paths`: a host directory the guest may use in place.
struct AllowedPath {
  std::filesystem::path source;
  std::string destination;  // absolute guest path
  bool write = false;
  Location at;
};

// `[component.X.secrets]`: read through the variables interface only. Never print the value.
enum class SecretSource { spin_application, environment };
struct Secret {
  std::string name;  // lower case, the variable's name
  SecretSource source = SecretSource::spin_application;
  std::string key;  // in the application's secret store, or the name of the environment variable
  Location at;
};

// A variable the guest may read by this name.
struct ComponentVariable {
  std::string name;
  Template value;
  Location at;
};

// An entry of the WASI environment. Literal for `environment`; a template for an upper-case name under `variables`.
struct EnvironmentVariable {
  std::string name;
  Template value;
  Location at;
};

struct Build {
  std::vector<std::string> commands;  // shell commands, run in order
  std::filesystem::path workdir;      // relative, empty: App::root
  std::vector<std::string> watch;     // globs relative to workdir
  Location at;
};

struct AllowedHostEntry {
  Template entry;
  Location at;
};

struct Component {
  std::string id;
  Location at;
  std::string description;
  Source source;
  Location source_at;
  std::vector<ComponentVariable> variables;
  std::vector<EnvironmentVariable> environment;
  std::vector<FileMount> files;
  std::vector<Located<std::string>> exclude_files;
  std::vector<AllowedHostEntry> allowed_outbound_hosts;
  std::vector<Located<std::string>> key_value_stores;
  std::vector<Located<std::string>> sqlite_databases;
  std::vector<Located<std::string>> ai_models;
  std::vector<Secret> secrets;
  std::vector<AllowedPath> allowed_paths;
  std::optional<Build> build;
  std::vector<Dependency> dependencies;
  std::vector<Value> targets;         // as written; they matter to `build` only
  std::vector<std::string> profiles;  // names of the profiles it declares
  // Named by a trigger. A component that is not, is neither loaded nor checked for missing imports.
  bool used = false;
};

struct StaticResponse {
  std::uint16_t status_code = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// A folder whose files are served without a component; weft's own. Paths are normalised, relative, without `..`:
// `source` from App::root on, the others beneath it.
struct StaticFiles {
  std::string source;
  std::string index = "index.html";
  std::string fallback;   // empty: none
  std::string not_found;  // empty: none
  std::optional<std::string> cache_control;
  std::vector<std::pair<std::string, std::string>> headers;
  bool dot_files = false;
  bool precompressed = false;
  Location at;
};

struct WagiExecutor {
  std::string argv = "${SCRIPT_NAME} ${ARGS}";
};

struct HttpTrigger {
  // As written; nullopt for `route = { private = true }`: reachable by service chaining only.
  std::optional<Located<std::string>> route;
  std::optional<StaticResponse> static_response;  // instead of a component
  std::optional<StaticFiles> static_files;        // the same
  std::optional<WagiExecutor> wagi;               // absent: the component serves HTTP itself
};

struct RedisTrigger {
  Template channel;
  Template address;  // the trigger's own or the application's
};

// A trigger served by a plugin: every key but the common ones, as written.
struct OtherTrigger {
  Value config;
};

struct Trigger {
  std::string id;
  std::string type;
  Location at;
  std::string component;                                       // id; empty for what is static
  std::map<std::string, std::vector<std::string>> components;  // role → ids, for plugins
  std::vector<Dependency> middleware;                          // http only, outermost first
  std::variant<HttpTrigger, RedisTrigger, OtherTrigger> config;
};

// `[application.otel]`; OTEL_* environment variables override it.
enum class OtelProtocol { grpc, http_protobuf };
struct Otel {
  bool enabled = true;
  std::string endpoint;
  OtelProtocol protocol = OtelProtocol::http_protobuf;
  std::string service_name;  // empty: the application's name
  Location at;
};

struct App {
  std::filesystem::path file;    // the manifest, or the wasm file of a bare app; empty: text that came from no file
  std::filesystem::path root;    // the folder relative paths start from
  std::filesystem::path origin;  // of a locked application: the manifest that it was, if that was in the root
  std::string profile;           // empty: none chosen

  std::string name;
  std::string version;
  std::string description;
  std::vector<std::string> authors;
  std::vector<Value> targets;
  std::vector<Variable> variables;
  std::vector<Trigger> triggers;
  std::vector<Component> components;                 // in the order of the file
  std::map<std::string, Value> application_trigger;  // `[application.trigger.<type>]` as written
  std::optional<Otel> otel;

  // By id or name; nullptr when there is none. The pointer lives as long as the App is not moved or changed.
  const Component* find_component(std::string_view id) const;
  const Variable* find_variable(std::string_view name) const;
};

}  // namespace weft::manifest
