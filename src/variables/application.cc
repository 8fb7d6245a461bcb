#include "variables/application.h"

#include <algorithm>

namespace weft::variables {
namespace {

std::string upper_case(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string how_to_set(const manifest::Variable& variable) {
  const std::string in_environment =
      "set SPIN_VARIABLE_" + upper_case(variable.name) + " in the environment or in .env";
  if (variable.secret) return in_environment;
  return "run with --variable " + variable.name + "=..., or " + in_environment;
}

std::string how_to_set(const manifest::Secret& secret) {
  if (secret.source == manifest::SecretSource::environment) return "set " + secret.key + " in the environment";
  return "run: weft secret set " + secret.key;
}

}  // namespace

bool is_variable_name(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z' || name.back() == '_') return false;
  char last = 0;
  for (const char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') || (c == '_' && last == '_')) return false;
    last = c;
  }
  return true;
}

Variables::Variables(const manifest::App& app, Sources sources) : app_(app), sources_(std::move(sources)) {
  for (const manifest::Variable& variable : app.variables) declared_.emplace(variable.name, &variable);
}

Result<std::optional<Secret>> Variables::from_sources(std::string_view name) const {
  for (const Provider& source : sources_.variables) {
    auto found = source->get(name);
    if (!found || *found) return found;
  }
  return std::nullopt;
}

Result<Secret> Variables::value_of(std::string_view name) const {
  const auto variable = declared_.find(name);
  if (variable == declared_.end()) return fail(Errc::not_found, "no variable " + std::string(name) + " is declared");
  TRY(auto found, from_sources(name));
  if (found) return *std::move(found);
  if (variable->second->default_value) return Secret(*variable->second->default_value);
  return fail(Errc::not_found, "the variable " + std::string(name) + " has no value");
}

Result<Secret> Variables::value_of(const manifest::Secret& secret) const {
  const bool own = secret.source == manifest::SecretSource::spin_application;
  const Provider& source = own ? sources_.secrets : sources_.environment;
  if (source != nullptr) {
    TRY(auto found, source->get(secret.key));
    if (found) return *std::move(found);
  }
  return fail(Errc::not_found, "the secret " + secret.key + " has no value");
}

Result<std::string> Variables::expand(const manifest::Template& text) const {
  return text.expand([this](std::string_view name) -> Result<std::string> {
    TRY(const Secret value, value_of(name));
    return value.reveal();
  });
}

bool Variables::has_secret(const manifest::Template& text) const {
  return std::ranges::any_of(text.variables(), [this](std::string_view name) {
    const auto variable = declared_.find(name);
    return variable != declared_.end() && variable->second->secret;
  });
}

manifest::Diagnostic Variables::at(manifest::Location place, std::string key, std::string message,
                                   std::string remedy) const {
  // Without the line itself: it may hold a secret.
  return {.file = app_.file.string(),
          .line = place.line,
          .column = place.column,
          .key = std::move(key),
          .message = std::move(message),
          .remedy = std::move(remedy),
          .source_line = {}};
}

std::vector<manifest::Diagnostic> Variables::check() const {
  std::vector<manifest::Diagnostic> faults;
  for (const manifest::Variable& variable : app_.variables) {
    const auto value = value_of(variable.name);
    if (value) continue;
    faults.push_back(at(variable.at, "variables." + variable.name, value.error().message(), how_to_set(variable)));
  }
  for (const manifest::Component& component : app_.components) {
    if (!component.used) continue;
    for (const manifest::Secret& secret : component.secrets) {
      const auto value = value_of(secret);
      if (value) continue;
      faults.push_back(at(secret.at, "component." + component.id + ".secrets." + secret.name, value.error().message(),
                          how_to_set(secret)));
    }
  }
  return faults;
}

Result<manifest::AllowedHosts> Variables::allowed_hosts(const manifest::Component& component) const {
  const auto lookup = [this](std::string_view name) -> Result<std::string> {
    TRY(const Secret value, value_of(name));
    return value.reveal();
  };
  std::vector<manifest::Template> entries;
  std::vector<manifest::Diagnostic> faults;
  for (std::size_t i = 0; i < component.allowed_outbound_hosts.size(); ++i) {
    const manifest::AllowedHostEntry& entry = component.allowed_outbound_hosts[i];
    entries.push_back(entry.entry);
    const auto alone = manifest::AllowedHosts::expand({&entry.entry, 1}, lookup);
    if (alone) continue;
    faults.push_back(at(entry.at, "component." + component.id + ".allowed_outbound_hosts[" + std::to_string(i) + "]",
                        has_secret(entry.entry)
                            ? "with its variables' values, \"" + entry.entry.text() + "\" is not scheme://host[:port]"
                            : alone.error().message(),
                        "give its variables values that make it scheme://host[:port]"));
  }
  if (!faults.empty()) return fail(Errc::invalid, manifest::format_all(faults));
  return manifest::AllowedHosts::expand(entries, lookup);
}

ComponentVariables::ComponentVariables(const Variables& application, const manifest::Component& component)
    : application_(application), component_(component) {
  for (const manifest::ComponentVariable& variable : component.variables) {
    entries_.push_back({.name = variable.name, .text = &variable.value});
  }
  for (const manifest::Secret& secret : component.secrets) entries_.push_back({.name = secret.name, .secret = &secret});
  std::ranges::sort(entries_, {}, &Entry::name);
}

std::expected<std::string, ComponentVariables::Failure> ComponentVariables::value_of(const Entry& entry) const {
  Result<std::string> value;
  if (entry.secret != nullptr) {
    auto secret = application_.value_of(*entry.secret);
    value = secret ? Result<std::string>(secret->reveal()) : std::unexpected(std::move(secret).error());
  } else {
    value = application_.expand(*entry.text);
  }
  if (value) return *std::move(value);
  const bool absent = value.error().code() == Errc::not_found;
  return std::unexpected(Failure{absent ? Fault::undefined : Fault::provider, value.error().message()});
}

std::expected<std::string, ComponentVariables::Failure> ComponentVariables::get(std::string_view name) const {
  const auto found = std::ranges::lower_bound(entries_, name, {}, &Entry::name);
  if (found != entries_.end() && found->name == name) return value_of(*found);
  // What the guest asked for is only said again when it is a name: the text is the guest's and may be of any size.
  if (!is_variable_name(name)) {
    return std::unexpected(Failure{Fault::invalid_name,
                                   "a variable's name is lower-case letters, digits and single `_`, from a letter on"});
  }
  return std::unexpected(
      Failure{Fault::undefined, "component " + component_.id + " has no variable " + std::string(name.substr(0, 100))});
}

std::expected<std::vector<std::pair<std::string, std::string>>, ComponentVariables::Failure>
ComponentVariables::get_all() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Entry& entry : entries_) {
    auto value = value_of(entry);
    if (!value && value.error().fault == Fault::undefined) continue;
    if (!value) return std::unexpected(std::move(value).error());
    all.emplace_back(entry.name, *std::move(value));
  }
  return all;
}

}  // namespace weft::variables
