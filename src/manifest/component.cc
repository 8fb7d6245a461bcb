#include <algorithm>
#include <utility>

#include "manifest/identifier.h"
#include "manifest/sections.h"
#include "manifest/target.h"

namespace weft::manifest {
namespace {

void merge_dependencies(std::vector<Dependency>& base, std::vector<Dependency> more) {
  for (Dependency& dependency : more) {
    auto found = std::ranges::find(base, dependency.import, &Dependency::import);
    if (found == base.end()) {
      base.push_back(std::move(dependency));
    } else {
      *found = std::move(dependency);
    }
  }
}

// Every profile is checked; the chosen one replaces the source and the commands and adds the rest.
void read_profile(LoadContext& context, const Member& profile, const std::string& key, bool inherit_all,
                  Component& component) {
  TableReader reader(context.report, profile.value, key);
  Component scratch;
  const bool chosen = context.options.profile == profile.name;
  Component& target = chosen ? component : scratch;
  context.profile_found |= chosen;
  if (const Member* source = reader.member("source")) {
    if (auto read = read_component_source(context.report, *source, reader.key_of("source"))) {
      target.source = *std::move(read);
      target.source_at = source->value.at;
    }
  }
  merge_environment(reader, target);
  if (const Member* table = reader.table("dependencies")) {
    merge_dependencies(target.dependencies,
                       read_dependencies(context, *table, reader.key_of("dependencies"), inherit_all));
  }
  if (const Member* table = reader.table("build")) {
    TableReader build(context.report, table->value, reader.key_of("build"));
    std::vector<std::string> commands;
    if (const Member* command = build.member("command")) {
      if (const auto* text = command->value.get<std::string>()) {
        commands.push_back(*text);
      } else {
        for (auto& line : build.strings("command")) commands.push_back(std::move(line.value));
      }
    }
    build.finish();
    if (!target.build) target.build.emplace().at = table->at;
    target.build->commands = std::move(commands);
  }
  reader.finish();
}

}  // namespace

Component read_component(LoadContext& context, const Value& table, std::string key, std::string id, Location at) {
  Component component;
  component.id = std::move(id);
  component.at = at;
  TableReader reader(context.report, table, std::move(key));
  if (const Member* source = reader.member("source")) {
    component.source_at = source->value.at;
    if (auto read = read_component_source(context.report, *source, reader.key_of("source"))) {
      component.source = *std::move(read);
    }
  } else {
    context.report.error(at, reader.key_of("source"), "`source` is missing: the component has no wasm file",
                         "add source = \"path/to/app.wasm\"");
  }
  if (auto text = reader.string("description")) component.description = std::move(text->value);
  read_component_variables(context, reader, component);
  read_access(context, reader, component);
  read_build(reader, component);
  component.targets = read_targets(reader);
  const bool inherit_all = reader.boolean("dependencies_inherit_configuration").value_or(false);
  if (const Member* dependencies = reader.table("dependencies")) {
    component.dependencies = read_dependencies(context, *dependencies, reader.key_of("dependencies"), inherit_all);
  }
  if (const Member* profiles = reader.table("profile")) {
    const std::string profiles_key = reader.key_of("profile");
    for (const Member& profile : *profiles->value.get<Value::Table>()) {
      const std::string profile_key = join_key(profiles_key, profile.name);
      if (profile.value.get<Value::Table>() == nullptr) {
        report_type(context.report, profile.value, profile_key, "a table");
        continue;
      }
      component.profiles.push_back(profile.name);
      read_profile(context, profile, profile_key, inherit_all, component);
    }
  }
  reader.table("tool");
  reader.finish();
  return component;
}

}  // namespace weft::manifest
