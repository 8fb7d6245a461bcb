#include <algorithm>
#include <utility>

#include "manifest/allowed_host.h"
#include "manifest/identifier.h"
#include "manifest/routes.h"
#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

std::vector<std::string> component_ids(const App& app) {
  std::vector<std::string> ids;
  for (const Component& component : app.components) ids.push_back(component.id);
  return ids;
}

std::string undeclared_remedy(const std::string& id, const std::vector<std::string>& declared) {
  if (declared.empty()) return compose("add [component.{}] with source = \"...\"", id);
  std::string all;
  for (const std::string& name : std::span(declared).first(std::min<std::size_t>(declared.size(), 12))) {
    all += (all.empty() ? "" : ", ") + name;
  }
  const std::string near = suggest(id, declared);
  const std::string list = compose("declared components: {}{}", all, declared.size() > 12 ? ", ..." : "");
  return near.starts_with("one of") ? list : near + " " + list;
}

void check_components(LoadContext& context) {
  std::map<std::string_view, Component*> components;
  for (Component& component : context.app.components) components.emplace(component.id, &component);
  const auto declared = component_ids(context.app);
  for (const Reference& reference : context.components) {
    if (context.report.full()) return;
    const auto found = components.find(reference.name);
    if (found != components.end()) {
      found->second->used = true;
    } else {
      context.report.error(reference.at, reference.key, compose("no component `{}` is declared", reference.name),
                           undeclared_remedy(reference.name, declared));
    }
  }
  for (const Reference& reference : context.dependencies) {
    if (context.report.full()) return;
    const auto found = components.find(reference.name);
    if (found == components.end()) {
      context.report.error(reference.at, reference.key, compose("no component `{}` is declared", reference.name),
                           undeclared_remedy(reference.name, declared));
      continue;
    }
    const Component& used = *found->second;
    const bool configured = !used.ai_models.empty() || !used.allowed_outbound_hosts.empty() ||
                            !used.dependencies.empty() || !used.environment.empty() || !used.files.empty() ||
                            !used.key_value_stores.empty() || !used.sqlite_databases.empty() ||
                            !used.variables.empty() || !used.secrets.empty() || !used.allowed_paths.empty();
    if (reference.key.starts_with(join_key("component", used.id) + ".")) {
      context.report.error(reference.at, reference.key, compose("the component `{}` depends on itself", used.id),
                           "name another component");
    } else if (!used.dependencies.empty()) {
      context.report.error(
          reference.at, reference.key,
          compose("the component `{}` has dependencies of its own and cannot be a dependency", used.id),
          "compose it with them before: wac plug");
    } else if (configured) {
      context.report.error(
          reference.at, reference.key,
          compose("the component `{}` has grants of its own and cannot be a dependency", reference.name),
          "depend on a component that has only `source` and `build`, and inherit with `inherit_configuration`");
    }
  }
}

void check_templates(LoadContext& context) {
  std::set<std::string_view> declared;
  for (const Variable& variable : context.app.variables) declared.insert(variable.name);
  const std::vector<std::string> names(declared.begin(), declared.end());
  // An application's redis address is read again by each trigger that uses it.
  std::set<std::pair<Location, std::string_view>> reported;
  for (const TemplateUse& use : context.templates) {
    if (context.report.full()) return;
    for (std::string_view name : use.text.variables()) {
      if (declared.contains(name) || !reported.insert({use.at, name}).second) continue;
      const std::string near = suggest(name, names);
      context.report.error(
          use.at, use.key, compose("no variable `{}` is declared", name),
          near.starts_with("did") ? near : compose("add {} = {{ required = true }} under [variables]", name));
    }
  }
}

bool has_secret(const App& app, const Template& text) {
  return std::ranges::any_of(text.variables(), [&app](std::string_view name) {
    const Variable* variable = app.find_variable(name);
    return variable != nullptr && variable->secret;
  });
}

// An entry that needs a variable without default is judged when the application starts.
std::optional<std::string> expand_with_defaults(const App& app, const Template& entry) {
  auto text = entry.expand([&app](std::string_view name) -> Result<std::string> {
    const Variable* variable = app.find_variable(name);
    if (variable == nullptr || !variable->default_value) return fail(Errc::not_found, "");
    return *variable->default_value;
  });
  if (!text) return std::nullopt;
  const bool skipped = text->empty() || *text == "http://" || *text == "https://";
  if (!entry.is_literal() && skipped) return std::nullopt;
  return *std::move(text);
}

void check_hosts(LoadContext& context) {
  for (const TemplateUse& use : context.hosts) {
    if (context.report.full()) return;
    const auto text = expand_with_defaults(context.app, use.text);
    if (!text) continue;
    const auto host = AllowedHost::parse(*text);
    if (!host) {
      std::string remedy = "write scheme://host[:port]: \"https://api.example.com\", \"tcp://10.0.0.0/8:5000\"";
      if (has_secret(context.app, use.text)) {
        // What is wrong with it may say what it is.
        context.report.error(use.at, use.key,
                             compose("with its variables' defaults, \"{}\" is not an allowed host", use.text.text()),
                             remedy);
        continue;
      }
      const bool bare_name = text->find("://") == std::string::npos && AllowedHost::parse("https://" + *text);
      if (bare_name) remedy = compose("write \"https://{}\"", *text);
      context.report.error(use.at, use.key, compose("\"{}\": {}", *text, host.error().message()), remedy);
      continue;
    }
    const std::string target(host->chained_component());
    if (target.empty() || target == "*" || has_secret(context.app, use.text) ||
        context.app.find_component(target) != nullptr)
      continue;
    context.report.warning(use.at, use.key, compose("no component `{}` is declared", target),
                           undeclared_remedy(target, component_ids(context.app)));
  }
}

void check_routes(LoadContext& context) {
  std::map<std::string, const Reference*> shapes;
  for (const Reference& route : context.routes) {
    const auto parsed = Route::parse(route.name);
    if (!parsed) {
      context.report.error(route.at, route.key, compose("\"{}\": {}", route.name, parsed.error().message()),
                           "write a path: \"/\", \"/users/:id\" or \"/api/...\"");
      continue;
    }
    const auto [first, is_new] = shapes.emplace(parsed->shape(), &route);
    if (is_new) continue;
    const Reference& other = *first->second;
    context.report.error(route.at, route.key,
                         route.name == other.name
                             ? compose("the route \"{}\" is used twice, first in line {}", route.name, other.at.line)
                             : compose("the routes \"{}\" and \"{}\" (line {}) match the same paths", route.name,
                                       other.name, other.at.line),
                         "give each trigger a route of its own");
  }
}

void check_profile(LoadContext& context) {
  if (!context.options.profile || context.profile_found) return;
  std::set<std::string> known;
  for (const Component& component : context.app.components)
    known.insert(component.profiles.begin(), component.profiles.end());
  const std::vector<std::string> names(known.begin(), known.end());
  context.report.error({}, "", compose("no component has a profile `{}`", *context.options.profile),
                       names.empty() ? "add [component.<name>.profile.<profile>], or leave the profile out"
                                     : suggest(*context.options.profile, names));
}

}  // namespace

void check_application(LoadContext& context) {
  check_components(context);
  check_templates(context);
  check_hosts(context);
  check_routes(context);
  check_profile(context);
}

}  // namespace weft::manifest
