#include <algorithm>
#include <utility>

#include "manifest/identifier.h"
#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

std::string variable_name_remedy(std::string_view name) {
  const std::string better = suggest_snake(name);
  return better.empty() ? "lower-case words joined by `_`, each beginning with a letter"
                        : compose("write `{}`", better);
}

// A name the component already reads, whether from `variables` or `secrets`.
bool is_taken(const Component& component, std::string_view name) {
  return contains(component.variables, name, &ComponentVariable::name) ||
         contains(component.secrets, name, &Secret::name);
}

void set_environment(Component& component, EnvironmentVariable entry) {
  auto found = std::ranges::find(component.environment, entry.name, &EnvironmentVariable::name);
  if (found == component.environment.end()) {
    component.environment.push_back(std::move(entry));
  } else {
    *found = std::move(entry);
  }
}

void read_variable_values(LoadContext& context, const Member& table, const std::string& key, Component& component) {
  for (const Member& member : *table.value.get<Value::Table>()) {
    const std::string member_key = join_key(key, member.name);
    const auto* text = member.value.get<std::string>();
    if (text == nullptr) {
      report_type(context.report, member.value, member_key, "a string");
      continue;
    }
    const std::string name = to_lower(member.name);
    const bool as_environment = name != member.name;
    if (!is_lower_snake(name)) {
      context.report.error(member.at, member_key, compose("`{}` is not a variable name", member.name),
                           variable_name_remedy(member.name));
      continue;
    }
    if (as_environment && context.options.strict) {
      context.report.error(member.at, member_key, compose("the variable name `{}` is not lower case", member.name),
                           compose("write `{}`, or put it under `environment`", name));
      continue;
    }
    if (is_taken(component, name)) {
      context.report.error(member.at, member_key,
                           compose("`{}` is the variable `{}`, which is set already", member.name, name),
                           "remove one of them");
      continue;
    }
    Template value = read_template(context, {*text, member.value.at}, member_key);
    if (as_environment) set_environment(component, {member.name, value, member.at});
    component.variables.push_back({name, std::move(value), member.at});
  }
}

// What follows is quadratic in the number of entries.
bool within_limit(Report& report, const Member& table, const std::string& key) {
  if (table.value.get<Value::Table>()->size() <= max_variables) return true;
  report.error(table.at, key, compose("more than {} entries", max_variables), "put the data into a file");
  return false;
}

// No line of a secret is ever quoted: someone may have written the value in place of the reference.
void hide(Report& report, const Member& member) {
  report.hide_line(member.at.line);
  report.hide_line(member.value.at.line);
  const auto* table = member.value.get<Value::Table>();
  if (table == nullptr) return;
  for (const Member& inner : *table) hide(report, inner);
}

void read_secret(LoadContext& context, const Member& member, const std::string& key, Component& component) {
  const std::string name = to_lower(member.name);
  if (!is_lower_snake(name)) {
    context.report.error(member.at, key, compose("`{}` is not a variable name", member.name),
                         variable_name_remedy(member.name));
    return;
  }
  if (member.value.get<Value::Table>() == nullptr) {
    context.report.error(member.value.at, key, "a secret is a reference, not a value",
                         "write { source = \"spin-application\", key = \"" + suggest_kebab(name) +
                             "\" } and store the value with `weft secret set`");
    return;
  }
  TableReader reader(context.report, member.value, key);
  Secret secret{.name = name, .key = {}, .at = member.at};
  const auto source = reader.required_string("source", "add source = \"spin-application\"");
  secret.key = reader.required_string("key", "add key = \"" + suggest_kebab(name) + "\"").value;
  reader.finish();
  if (source.value == "env") {
    secret.source = SecretSource::environment;
    context.report.warning(source.at, reader.key_of("source"), "a secret from the environment is for development only",
                           "use source = \"spin-application\" and `weft secret set`");
  } else if (!source.value.empty() && source.value != "spin-application") {
    reader.error("source", compose("the secret source \"{}\" is not supported", source.value),
                 "write source = \"spin-application\", or \"env\" for development");
  }
  if (secret.source == SecretSource::spin_application && !secret.key.empty() && !is_label(secret.key)) {
    reader.error("key", "the key is not an identifier", "use kebab-case or snake_case: \"database-url\"");
  }
  if (secret.key.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
    reader.error("key", "the key cannot name an environment variable", "use letters, digits and `_`");
  }
  if (is_taken(component, name)) {
    context.report.error(member.at, key, compose("`{}` is the variable `{}`, which is set already", member.name, name),
                         "remove one of them");
    return;
  }
  component.secrets.push_back(std::move(secret));
}

}  // namespace

void read_variables(LoadContext& context, const Value& table) {
  for (const Member& member : *table.get<Value::Table>()) {
    const std::string key = join_key("variables", member.name);
    if (!is_lower_snake(member.name)) {
      context.report.error(member.at, key, compose("`{}` is not a variable name", member.name),
                           variable_name_remedy(member.name));
    }
    if (member.value.get<Value::Table>() == nullptr) {
      context.report.error(
          member.value.at, key, compose("expected a table, found {}", member.value.kind_name()),
          compose("write {} = {{ default = \"...\" }} or {} = {{ required = true }}", member.name, member.name));
      continue;
    }
    // A mistyped `secret` hides as well.
    if (member.value.find("secret") != nullptr) hide(context.report, member);
    TableReader reader(context.report, member.value, key);
    Variable variable{.name = member.name, .default_value = {}, .description = {}, .at = member.at};
    if (auto text = reader.string("default")) variable.default_value = std::move(text->value);
    const bool required = reader.boolean("required").value_or(false);
    variable.secret = reader.boolean("secret").value_or(false);
    if (auto text = reader.string("description")) variable.description = std::move(text->value);
    reader.finish();
    if (required && reader.has("default")) {
      context.report.error(reader.at("required"), key, "a variable has either `default` or `required = true`, not both",
                           "remove one of them");
    } else if (!required && !reader.has("default")) {
      context.report.error(member.at, key, "the variable has neither `default` nor `required = true`",
                           "add default = \"...\" or required = true");
    }
    context.app.variables.push_back(std::move(variable));
  }
}

void merge_environment(TableReader& reader, Component& component) {
  const Member* table = reader.table("environment");
  const std::string key = reader.key_of("environment");
  if (table == nullptr || !within_limit(reader.report(), *table, key)) return;
  for (const Member& member : *table->value.get<Value::Table>()) {
    const std::string member_key = join_key(key, member.name);
    const auto* text = member.value.get<std::string>();
    if (text == nullptr) {
      report_type(reader.report(), member.value, member_key, "a string");
    } else if (member.name.empty() || member.name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
      reader.report().error(member.at, member_key, "not a name of an environment variable",
                            "use letters, digits and `_`");
    } else if (text->find('\0') != std::string::npos) {
      reader.report().error(member.value.at, member_key, "an environment variable cannot hold a NUL character",
                            "remove it");
    } else {
      set_environment(component, {member.name, Template::literal(*text), member.at});
    }
  }
}

void read_component_variables(LoadContext& context, TableReader& reader, Component& component) {
  const Member* variables = reader.table("variables");
  if (variables != nullptr && within_limit(context.report, *variables, reader.key_of("variables"))) {
    read_variable_values(context, *variables, reader.key_of("variables"), component);
  }
  // `environment` is explicit and wins over an upper-case variable of the same name.
  merge_environment(reader, component);
  context.report.hide_line(reader.has("secrets") ? reader.at("secrets").line : 0);
  const Member* secrets = reader.table("secrets");
  const std::string key = reader.key_of("secrets");
  if (secrets == nullptr || !within_limit(context.report, *secrets, key)) return;
  for (const Member& member : *secrets->value.get<Value::Table>()) {
    hide(context.report, member);
    read_secret(context, member, join_key(key, member.name), component);
  }
}

Template read_template(LoadContext& context, const Located<std::string>& text, const std::string& key) {
  auto parsed = Template::parse(text.value);
  if (parsed) {
    if (!parsed->is_literal()) context.templates.push_back({*parsed, text.at, key});
    return *std::move(parsed);
  }
  context.report.error(text.at, key, parsed.error().message(),
                       "write {{ name }} with the name of an entry of [variables]");
  return Template::literal(text.value);
}

}  // namespace weft::manifest
