#include <algorithm>
#include <ranges>
#include <utility>

#include "manifest/grant.h"
#include "manifest/identifier.h"
#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

constexpr std::string_view digest_remedy = "add digest = \"sha256:<64 hexadecimal digits>\", as printed by sha256sum";

UrlSource read_url(TableReader& reader) {
  UrlSource source;
  source.url = reader.required_string("url", "add url = \"https://...\"").value;
  if (!source.url.empty() && !is_http_url(source.url)) {
    reader.error("url", "not an http or https URL", "write url = \"https://...\"");
  }
  source.digest = to_lower(reader.required_string("digest", digest_remedy).value);
  if (!source.digest.empty() && !is_sha256_digest(source.digest)) {
    reader.error("digest", "not a SHA-256 digest", std::string(digest_remedy));
  }
  return source;
}

enum class VersionRule { exact, requirement };

RegistrySource read_registry(TableReader& reader, VersionRule rule, std::string package) {
  RegistrySource source;
  source.package = std::move(package);
  if (auto registry = reader.string("registry")) source.registry = std::move(registry->value);
  if (reader.has("package") || source.package.empty()) {
    source.package = reader.required_string("package", "add package = \"namespace:name\"").value;
  } else {
    reader.allow("package");
  }
  if (!source.package.empty() && !is_package_name(source.package)) {
    reader.error("package", compose("`{}` is not a package name", source.package),
                 "write it as \"namespace:name\" in kebab-case");
  }
  source.version = reader.required_string("version", "add version = \"1.0.0\"").value;
  const bool valid =
      rule == VersionRule::exact ? is_exact_version(source.version) : is_version_requirement(source.version);
  if (!source.version.empty() && !valid) {
    reader.error("version",
                 compose("`{}` is not a version{}", source.version, rule == VersionRule::exact ? "" : " requirement"),
                 rule == VersionRule::exact ? "write an exact version: \"1.2.3\"" : "write a requirement: \"^1.2\"");
  }
  return source;
}

std::vector<Grant> read_grants(TableReader& reader) {
  constexpr std::string_view name = "inherit_configuration";
  const Member* member = reader.member(name);
  if (member == nullptr) return {};
  if (const auto* all = member->value.get<bool>()) return *all ? all_grants() : std::vector<Grant>{};
  if (member->value.get<Value::Array>() == nullptr) {
    report_type(reader.report(), member->value, reader.key_of(name), "a boolean or an array of strings");
    return {};
  }
  std::vector<Grant> grants;
  const auto names = reader.strings(name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto known = std::ranges::find(grant_names(), names[i].value, &std::pair<std::string_view, Grant>::first);
    if (known != grant_names().end()) {
      grants.push_back(known->second);
    } else {
      const auto all = grant_names() | std::views::keys;
      reader.report().error(names[i].at, join_index(reader.key_of(name), i),
                            compose("`{}` cannot be inherited", names[i].value),
                            suggest(names[i].value, std::vector<std::string>(all.begin(), all.end())));
    }
  }
  return grants;
}

// The package of `ns:pkg/interface@version`; empty for a plain name.
std::string package_of(std::string_view import) {
  if (import.find(':') == std::string_view::npos) return {};
  return std::string(import.substr(0, import.find_first_of("/@")));
}

// The keys common to every form of dependency.
Dependency read_dependency_table(LoadContext& context, TableReader& reader, std::string_view import, Location at) {
  Dependency dependency{.import = std::string(import), .source = {}, .export_name = {}, .grants = {}, .at = at};
  const int forms = reader.has("path") + reader.has("url") + reader.has("component") + reader.has("version");
  if (forms != 1) {
    reader.report().error(at, reader.key(),
                          forms == 0 ? "the dependency names no source" : "the dependency names several sources",
                          "write exactly one of `version`, `path`, `url` (with `digest`) and `component`");
  }
  if (reader.has("path")) {
    dependency.source = LocalSource{reader.required_string("path", "add path = \"...\"").value};
  } else if (reader.has("url")) {
    dependency.source = read_url(reader);
  } else if (reader.has("component")) {
    auto id = reader.required_string("component", "name a component");
    if (!id.value.empty()) context.dependencies.push_back({id.value, id.at, reader.key_of("component")});
    dependency.source = ComponentSource{std::move(id.value)};
  } else if (reader.has("version")) {
    dependency.source = read_registry(reader, VersionRule::requirement, package_of(import));
  }
  if (forms != 1) {
    for (std::string_view known : {"path", "url", "digest", "component", "version", "registry", "package"}) {
      reader.allow(known);
    }
  }
  dependency.grants = read_grants(reader);
  return dependency;
}

Dependency read_dependency(LoadContext& context, const Member& member, const std::string& key, bool inherit_all) {
  Report& report = context.report;
  Dependency dependency;
  if (const auto* version = member.value.get<std::string>()) {
    dependency = Dependency{.import = member.name,
                            .source = RegistrySource{"", package_of(member.name), *version},
                            .export_name = {},
                            .grants = {},
                            .at = member.at};
    if (package_of(member.name).empty()) {
      report.error(member.value.at, key, "a dependency with a plain name needs its package",
                   compose("write {} = {{ package = \"namespace:name\", version = \"...\" }}", member.name));
    } else if (!is_version_requirement(*version)) {
      report.error(member.value.at, key, compose("`{}` is not a version requirement", *version),
                   "write a requirement: \"^1.2\"");
    }
  } else if (member.value.get<Value::Table>() != nullptr) {
    TableReader reader(report, member.value, key);
    dependency = read_dependency_table(context, reader, member.name, member.at);
    if (auto name = reader.string("export")) dependency.export_name = std::move(name->value);
    const bool whole_package = member.name.find(':') != std::string::npos && member.name.find('/') == std::string::npos;
    if (whole_package && reader.has("export")) {
      reader.error("export", "`export` is not possible for a whole package",
                   "name one interface: \"namespace:name/interface\"");
    }
    if (inherit_all && reader.has("inherit_configuration")) {
      reader.error("inherit_configuration",
                   "the component sets `dependencies_inherit_configuration` for all its dependencies",
                   "remove one of them");
    }
    reader.finish();
  } else {
    report_type(report, member.value, key, "a version or a table");
  }
  if (inherit_all) dependency.grants = all_grants();
  return dependency;
}

}  // namespace

std::optional<Source> read_component_source(Report& report, const Member& member, const std::string& key) {
  if (const auto* path = member.value.get<std::string>()) {
    if (path->empty() || path->find('\0') != std::string::npos) {
      report.error(member.value.at, key, "the path of the wasm file is empty or holds a NUL character",
                   "write source = \"target/app.wasm\"");
      return std::nullopt;
    }
    return LocalSource{*path};
  }
  if (member.value.get<Value::Table>() == nullptr) {
    report_type(report, member.value, key, "a path or a table");
    return std::nullopt;
  }
  TableReader reader(report, member.value, key);
  std::optional<Source> source;
  if (reader.has("url")) {
    source = read_url(reader);
  } else if (reader.has("package")) {
    source = read_registry(reader, VersionRule::exact, {});
  } else {
    report.error(member.value.at, key, "the source names neither a file, a URL nor a package",
                 "write source = \"app.wasm\", { url = \"https://...\", digest = \"sha256:...\" } or\n"
                 "{ package = \"namespace:name\", version = \"1.2.3\" }");
    return std::nullopt;
  }
  reader.finish();
  return source;
}

std::vector<Dependency> read_dependencies(LoadContext& context, const Member& member, const std::string& key,
                                          bool inherit_all) {
  Report& report = context.report;
  std::vector<Dependency> dependencies;
  std::map<std::string, std::string> whole_packages;
  for (const Member& entry : *member.value.get<Value::Table>()) {
    const std::string entry_key = join_key(key, entry.name);
    if (!is_import_name(entry.name)) {
      report.error(entry.at, entry_key, compose("`{}` is not the name of an import", entry.name),
                   "write a kebab-case name or \"namespace:name/interface@1.2.3\"");
      continue;
    }
    dependencies.push_back(read_dependency(context, entry, entry_key, inherit_all));
    if (entry.name.find(':') != std::string::npos && entry.name.find('/') == std::string::npos) {
      whole_packages.emplace(package_of(entry.name), entry.name);
    }
  }
  // A whole package and one of its interfaces would satisfy the same import twice.
  for (const Dependency& dependency : dependencies) {
    const auto found = whole_packages.find(package_of(dependency.import));
    if (found == whole_packages.end() || dependency.import.find('/') == std::string::npos) continue;
    const std::size_t whole_at = found->second.find('@');
    const std::size_t own_at = dependency.import.find('@');
    const bool versions_differ = whole_at != std::string::npos && own_at != std::string::npos &&
                                 found->second.substr(whole_at) != dependency.import.substr(own_at);
    if (versions_differ) continue;
    report.error(dependency.at, join_key(key, dependency.import),
                 compose("the interface is already provided by the dependency `{}`", found->second),
                 "remove one of them, or name the interfaces one by one");
  }
  return dependencies;
}

std::optional<Dependency> read_trigger_dependency(LoadContext& context, const Value& value, const std::string& key) {
  if (value.get<Value::Table>() == nullptr) {
    report_type(context.report, value, key, "a table");
    return std::nullopt;
  }
  TableReader reader(context.report, value, key);
  Dependency dependency = read_dependency_table(context, reader, {}, value.at);
  reader.finish();
  return dependency;
}

}  // namespace weft::manifest
