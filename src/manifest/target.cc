#include "manifest/target.h"

#include <algorithm>
#include <utility>

#include "manifest/document.h"
#include "manifest/load.h"
#include "manifest/reader.h"
#include "manifest/text.h"
#include "util/read_file.h"

namespace weft::manifest {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view world_remedy =
    "{ path = \"wit\", world = \"ns:package/world@1.0.0\" }, or the world's name alone for one in a registry";

// "ns:package/world", with a version or without.
bool is_world_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  const std::size_t slash = name.find('/');
  const std::size_t end = std::min(name.find('@'), name.size());
  return colon != std::string_view::npos && slash != std::string_view::npos && colon > 0 && slash > colon + 1 &&
         slash + 1 < end && end + 1 != name.size() && name.find_first_of(" \t\n\"") == std::string_view::npos;
}

std::string read_world_name(Report& report, const Located<std::string>& name, const std::string& key) {
  if (is_world_name(name.value)) return name.value;
  report.error(name.at, key, compose("`{}` is not the name of a world", name.value), std::string(world_remedy));
  return {};
}

std::optional<TargetWorld> read_world(Report& report, const Value& value, const std::string& key,
                                      const fs::path& folder) {
  if (const auto* name = value.get<std::string>())
    return TargetWorld{.wit = {}, .name = read_world_name(report, {*name, value.at}, key), .at = value.at};
  if (value.get<Value::Table>() == nullptr) {
    report_type(report, value, key, "the name of a world or a table");
    return std::nullopt;
  }
  TableReader reader(report, value, key);
  TargetWorld world{.wit = {}, .name = {}, .at = value.at};
  const auto name = reader.required_string("world", "add world = \"ns:package/world@1.0.0\"");
  if (!name.value.empty()) world.name = read_world_name(report, name, reader.key_of("world"));
  const auto path = reader.string("path");
  const bool is_elsewhere = reader.string("registry").has_value() || reader.string("reference").has_value();
  if (path && !path->value.empty()) world.wit = (folder / path->value).lexically_normal();
  if (path && is_elsewhere)
    reader.error("path", "a world in a folder is in no registry", "leave out `registry` and `reference`, or `path`");
  else if (world.wit.empty() && !is_elsewhere)
    reader.error("path", "it is not said where the world is", "add path = \"wit\", a folder of WIT");
  reader.finish();
  return world;
}

TriggerSupport read_support(Report& report, const Member& member, const std::string& key, const fs::path& folder) {
  TriggerSupport out;
  if (member.value.get<Value::Table>() == nullptr) {
    report_type(report, member.value, key, "a table");
    return out;
  }
  TableReader reader(report, member.value, key);
  const Member* worlds = reader.array("worlds");
  if (worlds == nullptr && !reader.has("worlds"))
    reader.error("worlds", "no worlds are named",
                 "add worlds = [{ path = \"wit\", world = \"ns:package/world@1.0.0\" }]");
  static const Value::Array none;
  const Value::Array& elements = worlds == nullptr ? none : *worlds->value.get<Value::Array>();
  if (elements.size() > max_target_worlds) {
    reader.error("worlds", compose("more than {} worlds", max_target_worlds),
                 "name those that components are built for");
    return out;
  }
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto world = read_world(report, elements[i], join_index(reader.key_of("worlds"), i), folder);
    if (world) out.worlds.push_back(*std::move(world));
  }
  for (auto& capability : reader.strings("capabilities")) out.capabilities.push_back(std::move(capability.value));
  reader.finish();
  return out;
}

TargetEnvironmentResult failure(const fs::path& file, Location at, std::string message, std::string remedy) {
  Report report(file.string(), {});
  report.error(at, "", std::move(message), std::move(remedy));
  return {std::nullopt, report.take()};
}

std::optional<Target> read_target(Report& report, const Value& value, const std::string& key) {
  Target target{.path = {}, .elsewhere = {}, .at = value.at};
  if (const auto* id = value.get<std::string>()) {
    if (id->empty()) {
      report.error(value.at, key, "the target has no name", "name it, or leave it out: \"spin-up:3.2\"");
      return std::nullopt;
    }
    target.elsewhere = *id;
    return target;
  }
  if (value.get<Value::Table>() == nullptr) {
    report_type(report, value, key, "a string or a table");
    return std::nullopt;
  }
  TableReader reader(report, value, key);
  if (auto url = reader.string("url")) target.elsewhere = std::move(url->value);
  if (auto path = reader.string("path")) target.path = std::move(path->value);
  if (target.path.empty() == target.elsewhere.empty()) {
    report.error(value.at, key, "a target is a file, a URL or a name",
                 "{ path = \"environment.toml\" }, { path = \"wit\" }, { url = \"...\" } or \"spin-up:3.2\"");
    return std::nullopt;
  }
  reader.finish();
  return target;
}

}  // namespace

std::vector<Value> read_targets(TableReader& reader) {
  const Member* targets = reader.array("targets");
  if (targets == nullptr) return {};
  const auto& elements = *targets->value.get<Value::Array>();
  for (std::size_t i = 0; i < elements.size(); ++i)
    read_target(reader.report(), elements[i], join_index(reader.key_of("targets"), i));
  return elements;
}

Target target_of(const Value& value) {
  Report unheard({}, {});
  return read_target(unheard, value, {}).value_or(Target());
}

const TriggerSupport* TargetEnvironment::find(const std::string& trigger) const {
  const auto found = triggers.find(trigger);
  if (found != triggers.end()) return &found->second;
  return others ? &*others : nullptr;
}

TargetEnvironmentResult load_target_environment_text(std::string_view text, const fs::path& file) {
  const auto document = parse_document(text);
  if (!document)
    return failure(file, document.error().at, document.error().message, "repair the TOML syntax: see https://toml.io");
  Report report(file.string(), text);
  TargetEnvironment environment;
  environment.file = file;
  const fs::path folder = file.parent_path();
  TableReader reader(report, *document, "");
  const Member* triggers = reader.table("triggers");
  if (triggers == nullptr && !reader.has("triggers")) {
    reader.error("triggers", "the environment has no triggers",
                 "add [triggers] with http = { worlds = [{ path = \"wit\", world = \"ns:package/world@1.0.0\" }] }");
  }
  static const Value::Table none;
  for (const Member& member : triggers == nullptr ? none : *triggers->value.get<Value::Table>()) {
    const std::string key = join_key(reader.key_of("triggers"), member.name);
    environment.triggers.emplace(member.name, read_support(report, member, key, folder));
  }
  if (const Member* others = reader.table("default"))
    environment.others = read_support(report, *others, reader.key_of("default"), folder);
  // For tools: where templates and plugins are.
  reader.table("metadata");
  reader.finish();
  if (report.failed()) return {std::nullopt, report.take()};
  return {std::move(environment), report.take()};
}

TargetEnvironmentResult load_target_environment(const fs::path& path) {
  std::error_code ignored;
  if (path.extension() == ".wit" || fs::is_directory(path, ignored)) {
    TargetEnvironment environment;
    environment.file = path;
    environment.others.emplace().worlds.push_back({.wit = path, .name = {}, .at = {}});
    return {std::move(environment), {}};
  }
  const auto text = read_file(path, max_manifest_bytes);
  if (!text) return failure(path, {}, text.error().message(), "name the file of an environment, or a folder of WIT");
  return load_target_environment_text(*text, path);
}

}  // namespace weft::manifest
