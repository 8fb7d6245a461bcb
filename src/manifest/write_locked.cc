#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "manifest/diagnostic.h"
#include "manifest/file_url.h"
#include "manifest/files.h"
#include "manifest/grant.h"
#include "manifest/identifier.h"
#include "manifest/locked.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int indent = 2;  // as Spin writes it

Json to_json(const Value& value) {
  struct Make {
    Json operator()(const std::string& text) const { return text; }
    Json operator()(std::int64_t number) const { return number; }
    Json operator()(double number) const { return number; }
    Json operator()(bool truth) const { return truth; }
    Json operator()(const Datetime& time) const { return time.text; }
    Json operator()(const Value::Array& list) const {
      Json out = Json::array();
      for (const Value& one : list) out.push_back(to_json(one));
      return out;
    }
    Json operator()(const Value::Table& table) const {
      Json out = Json::object();
      for (const Member& member : table) out[member.name] = to_json(member.value);
      return out;
    }
  };
  return std::visit(Make(), value.data);
}

// What is empty is left out, as Spin does.
void put(Json& object, const char* name, Json value) {
  const bool empty = value.is_string() ? value.get_ref<const std::string&>().empty() : value.empty();
  if (!empty) object[name] = std::move(value);
}

Json texts(const std::vector<Located<std::string>>& list) {
  Json out = Json::array();
  for (const auto& one : list) out.push_back(one.value);
  return out;
}

Json values(const std::vector<Value>& list) {
  Json out = Json::array();
  for (const Value& one : list) out.push_back(to_json(one));
  return out;
}

Json pairs(const std::vector<std::pair<std::string, std::string>>& list) {
  Json out = Json::object();
  for (const auto& [name, value] : list) out[name] = value;
  return out;
}

class Writer {
 public:
  explicit Writer(const App& app) : app_(app) {
    std::error_code failed;
    // Listed files have their links resolved: what they are beneath must be named in the same way.
    root_ = fs::canonical(app.root, failed);
    if (failed) root_ = fs::absolute(app.root, failed).lexically_normal();
  }

  Result<std::string> write() {
    TRY(auto components, write_components());
    Json triggers = Json::array();
    for (const Trigger& trigger : app_.triggers) triggers.push_back(write_trigger(trigger));
    Json root = Json::object();
    root["spin_lock_version"] = requires_host_ ? 1 : 0;
    if (requires_host_) root["must_understand"] = Json::array({"component_host_requirements"});
    root["metadata"] = metadata();
    put(root, "variables", variables());
    root["triggers"] = std::move(triggers);
    root["components"] = std::move(components);
    return root.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
  }

 private:
  fs::path absolute(const fs::path& path) const { return (root_ / path).lexically_normal(); }

  Json metadata() const {
    Json out = Json::object();
    put(out, "name", app_.name);
    put(out, "version", app_.version);
    put(out, "description", app_.description);
    put(out, "authors", app_.authors);
    Json types = Json::object();
    for (const auto& [type, config] : app_.application_trigger) types[type] = to_json(config);
    put(out, "triggers", std::move(types));
    // For hosts of the time when all triggers of an application were of one type.
    if (const std::string* type = only_type()) {
      const auto config = app_.application_trigger.find(*type);
      Json single = config == app_.application_trigger.end() ? Json::object() : to_json(config->second);
      single["type"] = *type;
      out["trigger"] = std::move(single);
    }
    const fs::path& manifest = app_.origin.empty() ? app_.file : app_.origin;
    const bool beside = manifest.parent_path() == app_.root;
    if (!manifest.empty()) out["origin"] = file_url(absolute(beside ? manifest.filename() : fs::path("spin.toml")));
    put(out, "profile", app_.profile);
    put(out, "targets", values(app_.targets));
    if (app_.otel) out["otel"] = otel(*app_.otel);
    return out;
  }

  const std::string* only_type() const {
    if (app_.triggers.empty()) return nullptr;
    const std::string& first = app_.triggers.front().type;
    return std::ranges::all_of(app_.triggers, [&](const Trigger& one) { return one.type == first; }) ? &first : nullptr;
  }

  static Json otel(const Otel& otel) {
    Json out = {{"enabled", otel.enabled}};
    put(out, "endpoint", otel.endpoint);
    out["protocol"] = otel.protocol == OtelProtocol::grpc ? "grpc" : "http/protobuf";
    put(out, "service_name", otel.service_name);
    return out;
  }

  Json variables() const {
    Json out = Json::object();
    for (const Variable& variable : app_.variables) {
      Json fields = Json::object();
      put(fields, "description", variable.description);
      if (variable.default_value) fields["default"] = *variable.default_value;
      if (variable.secret) fields["secret"] = true;
      out[variable.name] = std::move(fields);
    }
    return out;
  }

  // ---- triggers ----

  Json write_trigger(const Trigger& trigger) const {
    Json config = Json::object();
    const auto id = split_.find(trigger.id);
    put(config, "component", id == split_.end() ? trigger.component : id->second);
    Json roles = Json::object();
    for (const auto& [role, ids] : trigger.components) roles[role] = ids;
    put(config, "components", std::move(roles));
    if (const auto* http = std::get_if<HttpTrigger>(&trigger.config)) {
      write_http(*http, config);
    } else if (const auto* redis = std::get_if<RedisTrigger>(&trigger.config)) {
      config["channel"] = redis->channel.text();
      put(config, "address", redis->address.text());
    } else {
      config.update(to_json(std::get<OtherTrigger>(trigger.config).config));
    }
    return {{"id", trigger.id}, {"trigger_type", trigger.type}, {"trigger_config", std::move(config)}};
  }

  static void write_http(const HttpTrigger& http, Json& config) {
    config["route"] = http.route ? Json(http.route->value) : Json{{"private", true}};
    if (http.static_response) {
      const StaticResponse& response = *http.static_response;
      Json out = {{"status_code", response.status_code}};
      put(out, "headers", pairs(response.headers));
      put(out, "body", response.body);
      config["static_response"] = std::move(out);
    }
    if (http.static_files) {
      const StaticFiles& files = *http.static_files;
      Json out = {{"source", files.source}, {"index", files.index}};
      put(out, "fallback", files.fallback);
      put(out, "not_found", files.not_found);
      if (files.cache_control) out["cache_control"] = *files.cache_control;
      put(out, "headers", pairs(files.headers));
      if (files.dot_files) out["dot_files"] = true;
      if (files.precompressed) out["precompressed"] = true;
      config["static_files"] = std::move(out);
    }
    if (http.wagi) config["executor"] = {{"type", "wagi"}, {"argv", http.wagi->argv}};
  }

  // ---- components ----

  Result<Json> write_components() {
    Json out = Json::array();
    for (const Component& component : app_.components) {
      if (!component.used) continue;
      std::vector<const Trigger*> plain, guarded;
      for (const Trigger& trigger : app_.triggers) {
        if (trigger.component == component.id) (trigger.middleware.empty() ? plain : guarded).push_back(&trigger);
      }
      // Spin keeps middleware with the component: one that has several faces becomes several.
      const bool one_face = guarded.size() == 1 && plain.empty();
      if (guarded.empty() || !plain.empty()) {
        TRY(auto own, write_component(component, component.id, nullptr));
        out.push_back(std::move(own));
      }
      for (const Trigger* trigger : guarded) {
        const std::string id = one_face ? component.id : component.id + "-for-" + trigger->id;
        if (!one_face) split_.insert_or_assign(trigger->id, id);
        TRY(auto own, write_component(component, id, trigger));
        out.push_back(std::move(own));
      }
    }
    return out;
  }

  Result<Json> write_component(const Component& component, const std::string& id, const Trigger* guarded) {
    Json out = {{"id", id}};
    put(out, "metadata", component_metadata(component, guarded));
    TRY(auto source, content(component.source, "component \"" + component.id + "\""));
    out["source"] = std::move(source);
    write_environment(component, out);
    TRY(auto files, write_files(component));
    put(out, "files", std::move(files));
    Json dependencies = Json::object();
    for (const Dependency& dependency : component.dependencies) {
      TRY(auto written, write_dependency(dependency, component));
      dependencies[dependency.import] = std::move(written);
    }
    put(out, "dependencies", std::move(dependencies));
    Json requirements = Json::object();
    if (chains(component)) requirements["local_service_chaining"] = "required";
    if (guarded != nullptr) {
      Json middleware = Json::array();
      for (const Dependency& dependency : guarded->middleware) {
        TRY(auto written, write_dependency(dependency, component));
        middleware.push_back(std::move(written));
      }
      out["trigger_dependencies"] = {{"middleware", std::move(middleware)}};
      requirements["middleware"] = "required";
    }
    requires_host_ = requires_host_ || !requirements.empty();
    put(out, "host_requirements", std::move(requirements));
    return out;
  }

  // Asks other components of the application.
  static bool chains(const Component& component) {
    return std::ranges::any_of(component.allowed_outbound_hosts, [](const AllowedHostEntry& host) {
      return host.entry.text().find(".spin.internal") != std::string::npos;
    });
  }

  static Json component_metadata(const Component& component, const Trigger* guarded) {
    Json out = Json::object();
    put(out, "description", component.description);
    Json hosts = Json::array();
    for (const AllowedHostEntry& host : component.allowed_outbound_hosts) hosts.push_back(host.entry.text());
    put(out, "allowed_outbound_hosts", std::move(hosts));
    put(out, "key_value_stores", texts(component.key_value_stores));
    put(out, "databases", texts(component.sqlite_databases));
    put(out, "ai_models", texts(component.ai_models));
    if (component.build) {
      Json build = {{"command", component.build->commands}};
      put(build, "workdir", component.build->workdir.string());
      put(build, "watch", component.build->watch);
      out["build"] = std::move(build);
    }
    put(out, "targets", values(component.targets));
    Json secrets = Json::object();
    for (const Secret& secret : component.secrets) {
      const char* source = secret.source == SecretSource::environment ? "env" : "spin-application";
      secrets[secret.name] = {{"source", source}, {"key", secret.key}};
    }
    put(out, "secrets", std::move(secrets));
    Json paths = Json::array();
    for (const AllowedPath& path : component.allowed_paths) {
      paths.push_back({{"source", path.source.string()}, {"destination", path.destination}, {"write", path.write}});
    }
    put(out, "allowed_paths", std::move(paths));
    if (guarded != nullptr) out["resolve-trigger-dependencies-using"] = guarded->type;
    return out;
  }

  // `env` has no templates: a variable of the environment that is one stays among `config`, by its own name.
  static void write_environment(const Component& component, Json& out) {
    Json env = Json::object(), config = Json::object();
    for (const ComponentVariable& variable : component.variables) config[variable.name] = variable.value.text();
    for (const EnvironmentVariable& variable : component.environment) {
      if (variable.value.is_literal()) {
        env[variable.name] = variable.value.text();
      } else {
        config.erase(to_lower(variable.name));
        config[variable.name] = variable.value.text();
      }
    }
    put(out, "env", std::move(env));
    put(out, "config", std::move(config));
  }

  Result<Json> write_files(const Component& component) const {
    Json out = Json::array();
    if (component.files.empty()) return out;
    const FileList list = expand_files(app_, component);
    if (has_errors(list.diagnostics))
      return fail(Errc::invalid, "files of a component:\n" + format_all(list.diagnostics));
    for (const FileMapping& file : list.files) out.push_back({{"source", file_url(file.host)}, {"path", file.guest}});
    return out;
  }

  Result<Json> content(const Source& source, const std::string& whose) const {
    Json out = {{"content_type", "application/wasm"}};
    if (const auto* local = std::get_if<LocalSource>(&source)) {
      out["source"] = file_url(absolute(local->path));
    } else if (const auto* url = std::get_if<UrlSource>(&source)) {
      out["source"] = url->url;
      out["digest"] = url->digest;
    } else if (const auto* other = std::get_if<ComponentSource>(&source)) {
      const Component* found = app_.find_component(other->component);
      if (found == nullptr || std::holds_alternative<ComponentSource>(found->source))
        return fail(Errc::not_found, whose + " is the component \"" + other->component + "\", which is not there");
      return content(found->source, whose);
    } else {
      const auto& registry = std::get<RegistrySource>(source);
      return fail(Errc::invalid, whose + " comes from a registry (" + registry.package + "@" + registry.version +
                                     "): download it, and name the file, or its URL and digest");
    }
    return out;
  }

  Result<Json> write_dependency(const Dependency& dependency, const Component& component) const {
    const std::string what = dependency.import.empty() ? "middleware" : "the dependency " + dependency.import;
    TRY(auto source, content(dependency.source, what + " of component \"" + component.id + "\""));
    Json out = {{"source", std::move(source)}};
    out["export"] = dependency.export_name.empty() ? Json(nullptr) : Json(dependency.export_name);
    if (dependency.grants.size() == all_grants().size()) {
      out["inherit"] = "All";
    } else if (!dependency.grants.empty()) {
      Json names = Json::array();
      for (const Grant grant : dependency.grants) names.push_back(std::string(to_string(grant)));
      out["inherit"] = {{"Some", std::move(names)}};
    }
    return out;
  }

  const App& app_;
  fs::path root_;                             // absolute
  std::map<std::string, std::string> split_;  // trigger → the component that was made for it
  bool requires_host_ = false;
};

}  // namespace

Result<std::string> write_locked(const App& app) {
  return Writer(app).write();
}

}  // namespace weft::manifest
