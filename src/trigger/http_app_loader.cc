#include "trigger/http_app_loader.h"

#include <algorithm>
#include <optional>

#include "content/folder.h"
#include "manifest/allowed_host.h"
#include "manifest/diagnostic.h"
#include "trigger/component_files.h"
#include "trigger/component_source.h"
#include "trigger/manifest_grants.h"
#include "trigger/middleware.h"
#include "trigger/static_sites.h"
#include "trigger/unserved.h"
#include "trigger/wagi_call.h"

namespace weft::trigger {
namespace {

class AppLoader {
 public:
  AppLoader(const LoadEnvironment& environment, manifest::App app, const LoadOptions& options)
      : environment_(environment), options_(options) {
    made_->app = std::move(app);
    if (!options.api) middleware_ = separate_middleware(made_->app);
    made_->show_routes = options.show_routes;
    made_->show_timing = options.show_timing;
    made_->limits = options.limits;
    made_->reuse = options.reuse;
    made_->generation = options.generation;
  }

  Result<std::shared_ptr<const HttpApp>> load() && {
    TRY(made_->routes, manifest::RouteTable::build(made_->app));
    TRY(store_, content::FolderStore::create(made_->app.root));
    for (const Error& refusal : unserved(made_->app)) fault(refusal.message());
    give_values();
    for (const manifest::Component& component : made_->app.components) {
      if (component.used) add(component);
    }
    open_sites();
    if (!faults_.empty()) return fail(Errc::invalid, std::move(faults_));
    for (const manifest::Trigger& trigger : made_->app.triggers) {
      auto found = made_->components.find(trigger.component);
      made_->by_trigger.push_back(found == made_->components.end() ? nullptr : &found->second);
    }
    return made_;
  }

 private:
  void fault(const std::string& message) {
    if (!faults_.empty()) faults_ += "\n";
    faults_ += message;
  }

  // unserved() says so.
  bool is_from_registry(const manifest::Component& component) const {
    const auto is_registry = [](const auto& of) { return std::holds_alternative<manifest::RegistrySource>(of.source); };
    return is_registry(component) || std::ranges::any_of(component.dependencies, is_registry) ||
           std::ranges::any_of(middleware_of(middleware_, component), is_registry);
  }

  void add(const manifest::Component& component) {
    if (is_from_registry(component)) return;
    auto served = serve(component);
    if (served) {
      made_->components.emplace(component.id, *std::move(served));
      return;
    }
    std::string message = served.error().message();
    if (served.error().code() == Errc::not_found && component.build) {
      message += "; build it first: " + component.build->commands.front();
    }
    fault(message);
  }

  void open_sites() {
    const auto prepared = std::make_shared<static_files::PreparedStore>();
    for (const manifest::Trigger& trigger : made_->app.triggers) {
      auto site = open_site(made_->app, trigger, prepared);
      if (!site) fault(site.error().message());
      made_->sites.push_back(site ? *std::move(site) : nullptr);
    }
  }

  void give_values() {
    auto sources = options_.sources ? options_.sources(made_->app) : variables::Sources();
    const bool opened = sources.has_value();
    if (!opened) fault(sources.error().message());
    made_->variables =
        std::make_unique<variables::Variables>(made_->app, opened ? *std::move(sources) : variables::Sources());
    if (!opened) return;  // what is missing may be in what could not be opened
    const auto missing = made_->variables->check();
    if (!missing.empty()) fault("values are missing:\n" + manifest::format_all(missing));
  }

  Result<ServedComponent> serve(const manifest::Component& component) {
    ServedComponent out;
    out.id = component.id;
    TRY(const auto composed, read(component));
    auto linked = load(component, composed);
    if (!linked) return std::unexpected(composed.explain(std::move(linked).error()));
    out.linked = *std::move(linked);
    CHECK_OK(find_callee(component, composed, out));
    TRY(auto hosts, made_->variables->allowed_hosts(component));
    std::vector<manifest::Template> entries;
    for (const auto& entry : component.allowed_outbound_hosts) entries.push_back(entry.entry);
    CHECK_OK(check_stores(component));
    if (!component.key_value_stores.empty()) out.key_value = options_.key_value;
    for (const ClientTlsChoice& choice : options_.client_tls) {
      if (std::ranges::find(choice.components, component.id) == choice.components.end()) continue;
      for (const std::string& host : choice.hosts) out.tls.emplace(host, choice.tls);
    }
    const bool has_manifest = made_->app.file.extension() == ".toml";
    out.grants = std::make_unique<ManifestGrants>(std::move(hosts), std::move(entries), stores_of(component),
                                                  component.id, has_manifest ? made_->app.file.string() : "");
    out.wasi.disk_bytes = options_.disk_bytes;
    for (const auto& variable : component.environment) {
      TRY(auto value, made_->variables->expand(variable.value));
      out.wasi.environment.emplace_back(variable.name, std::move(value));
    }
    if (!component.variables.empty() || !component.secrets.empty()) {
      out.variables = std::make_unique<variables::ComponentVariables>(*made_->variables, component);
    }
    CHECK_OK(show_metrics(component, out));
    CHECK_OK(give_files(made_->app, component, *store_, open_files_, out));
    return out;
  }

  // What of the component requests are for.
  Result<void> find_callee(const manifest::Component& component, const compose::Composed& composed,
                           ServedComponent& out) const {
    if (options_.api) {
      auto api = FunctionApi::create(composed.bytes(), out.linked->plan());
      if (!api) return std::unexpected(std::move(api).error().context(composed.name()));
      out.api = *std::move(api);
      return {};
    }
    TRY(out.wagi_argv, wagi_of(component));
    if (out.wagi_argv) {
      auto command = find_wagi_command(out.linked->plan());
      if (!command) return std::unexpected(std::move(command).error().context(composed.name()));
      out.handler.func = *command;
      return {};
    }
    auto handle = find_http_handler(out.linked->plan());
    if (!handle) return std::unexpected(std::move(handle).error().context(composed.name()));
    out.handler = *handle;
    return {};
  }

  // What the wagi executor of its triggers says the component's arguments are; none: it serves HTTP itself.
  Result<std::optional<std::string>> wagi_of(const manifest::Component& component) const {
    std::optional<std::string> argv;
    const manifest::Trigger* first = nullptr;
    for (const manifest::Trigger& trigger : made_->app.triggers) {
      const auto* http = std::get_if<manifest::HttpTrigger>(&trigger.config);
      if (http == nullptr || trigger.component != component.id) continue;
      std::optional<std::string> said;
      if (http->wagi) said = http->wagi->argv;
      if (first != nullptr && said != argv) {
        return fail(Errc::invalid,
                    manifest::format({.file = made_->app.file.string(),
                                      .line = trigger.at.line,
                                      .column = trigger.at.column,
                                      .key = "trigger.http.executor",
                                      .message = "the triggers " + first->id + " and " + trigger.id + " of component " +
                                                 component.id + " have different executors",
                                      .remedy = "give both the same, or name two components with the same source",
                                      .source_line = {}}));
      }
      if (first == nullptr) first = &trigger;
      argv = std::move(said);
    }
    return argv;
  }

  Result<compose::Composed> read(const manifest::Component& component) const {
    return read_component(made_->app, component, middleware_of(middleware_, component), *store_, options_.downloads,
                          options_.again == nullptr ? nullptr : &options_.again->buffers);
  }

  Result<std::shared_ptr<const runtime::LiveComponent>> load(const manifest::Component& component,
                                                             const compose::Composed& composed) const {
    std::optional<runtime::Again> again;
    if (options_.again != nullptr) again.emplace(options_.again->plans, served_as(component.id));
    return runtime::load_component(environment_.engine, environment_.code, environment_.linker, composed.bytes(),
                                   composed.name(), options_.bypass, again ? &*again : nullptr);
  }

  // What is served under this name; null: nothing.
  std::shared_ptr<const runtime::LiveComponent> served_as(const std::string& id) const {
    const auto& before = options_.again->before;
    if (before == nullptr) return nullptr;
    const auto served = before->components.find(id);
    return served == before->components.end() ? nullptr : served->second.linked;
  }

  // METRICS_ENABLED = "true" among a component's variables, in upper case, shows metrics on the application's own
  // listener, at METRICS_PATH.
  Result<void> show_metrics(const manifest::Component& component, const ServedComponent& served) {
    const auto value = [&](std::string_view variable, std::string_view name) -> std::optional<std::string> {
      const bool declared = std::ranges::find(component.variables, variable, &manifest::ComponentVariable::name) !=
                            component.variables.end();
      const auto found = std::ranges::find(served.wasi.environment, name, &std::pair<std::string, std::string>::first);
      if (!declared || found == served.wasi.environment.end()) return std::nullopt;
      return found->second;
    };
    if (value("metrics_enabled", "METRICS_ENABLED") != "true") return {};
    const std::string path = value("metrics_path", "METRICS_PATH").value_or("/metrics");
    if (!path.starts_with('/') || path.find_first_of("?# ") != std::string::npos) {
      return fail(Errc::invalid, "METRICS_PATH of component " + component.id + " is not a path: write \"/metrics\"");
    }
    if (!made_->metrics_path.empty() && made_->metrics_path != path) {
      return fail(Errc::invalid, "METRICS_PATH of component " + component.id + " differs from that of another one: " +
                                     "an application shows its metrics at one path");
    }
    made_->metrics_path = path;
    return {};
  }

  // Every label that a component is granted must stand for a store.
  Result<void> check_stores(const manifest::Component& component) const {
    for (std::size_t i = 0; i < component.key_value_stores.size(); ++i) {
      const auto& [label, at] = component.key_value_stores[i];
      if (options_.key_value != nullptr && options_.key_value->contains(label)) continue;
      return fail(Errc::invalid,
                  manifest::format({.file = made_->app.file.string(),
                                    .line = at.line,
                                    .column = at.column,
                                    .key = "component." + component.id + ".key_value_stores[" + std::to_string(i) + "]",
                                    .message = "no key-value store has the label " + label,
                                    .remedy = "write in a file for --runtime-config-file:\n[key_value_store." + label +
                                              "]\ntype = \"spin\"\npath = \"" + label + ".db\"",
                                    .source_line = {}}));
    }
    return {};
  }

  static std::vector<std::string> stores_of(const manifest::Component& component) {
    std::vector<std::string> labels;
    for (const auto& label : component.key_value_stores) labels.push_back(label.value);
    return labels;
  }

  const LoadEnvironment& environment_;
  const LoadOptions& options_;
  std::shared_ptr<HttpApp> made_ = std::make_shared<HttpApp>();
  MiddlewareByComponent middleware_;
  std::unique_ptr<content::Store> store_;
  std::shared_ptr<wasi::OpenFileLimit> open_files_ = wasi::OpenFileLimit::of_process();
  std::string faults_;
};

}  // namespace

Result<std::shared_ptr<const HttpApp>> load_http_app(const LoadEnvironment& environment, manifest::App app,
                                                     const LoadOptions& options) {
  return AppLoader(environment, std::move(app), options).load();
}

}  // namespace weft::trigger
