#include <algorithm>
#include <utility>

#include "manifest/allowed_host.h"
#include "manifest/glob.h"
#include "manifest/http_hosts.h"
#include "manifest/identifier.h"
#include "manifest/paths.h"
#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

// Rules of a path below the application's folder that need no look at the disk.
void check_app_path(Report& report, const Located<std::string>& path, const std::string& key) {
  if (auto problem = app_path_problem(path.value)) {
    report.error(path.at, key, compose("`{}` {}", path.value, problem->message), std::string(problem->remedy));
  }
}

void read_pattern(Report& report, const Value& value, const std::string& text, const std::string& key,
                  Component& component) {
  check_app_path(report, {text, value.at}, key);
  if (auto glob = Glob::parse(text); !glob) {
    report.error(value.at, key, compose("`{}` is not a file pattern: {}", text, glob.error().message()),
                 "use `*`, `?`, `[a-z]` and `**`");
  }
  if (text == "*" || text == "**/*" || text == "**") {
    report.warning(value.at, key, compose("`{}` gives the guest every file of the application", text),
                   "name the folder or the files it needs");
  }
  component.files.push_back({text, std::nullopt, value.at});
}

void read_file(Report& report, const Value& value, const std::string& key, Component& component) {
  if (const auto* pattern = value.get<std::string>()) return read_pattern(report, value, *pattern, key, component);
  if (value.get<Value::Table>() == nullptr) return report_type(report, value, key, "a pattern or a table");
  TableReader reader(report, value, key);
  const auto source = reader.required_string("source", "add source = \"folder\"");
  const auto destination = reader.required_string("destination", "add destination = \"/folder\"");
  reader.finish();
  if (!source.value.empty()) check_app_path(report, source, reader.key_of("source"));
  auto guest = guest_path(destination.value);
  if (!guest && !destination.value.empty()) {
    reader.error("destination", compose("`{}` is not a path in the guest", destination.value),
                 "write an absolute path without `..`: \"/data\"");
  }
  component.files.push_back({source.value, guest.value_or("/"), value.at});
}

void read_allowed_path(Report& report, const Value& value, const std::string& key, Component& component) {
  if (const auto* text = value.get<std::string>()) {
    auto guest = guest_path(*text);
    if (text->empty() || !guest) {
      report.error(value.at, key, compose("`{}` has no path of its own in the guest", *text),
                   "write { source = \"" + *text + "\", destination = \"/name\" }");
      return;
    }
    component.allowed_paths.push_back({*text, *std::move(guest), false, value.at});
    return;
  }
  if (value.get<Value::Table>() == nullptr) return report_type(report, value, key, "a path or a table");
  TableReader reader(report, value, key);
  const auto source = reader.required_string("source", "add source = \"folder\"");
  const auto destination = reader.required_string("destination", "add destination = \"/folder\"");
  const bool write = reader.boolean("write").value_or(false);
  reader.finish();
  auto guest = guest_path(destination.value);
  if (!guest && !destination.value.empty()) {
    reader.error("destination", compose("`{}` is not a path in the guest", destination.value),
                 "write an absolute path without `..`: \"/data\"");
  }
  if (source.value.find('\0') != std::string::npos) {
    reader.error("source", "the path holds a NUL character", "remove it");
  }
  component.allowed_paths.push_back({source.value, guest.value_or("/"), write, value.at});
}

template <class Read>
void for_each_element(TableReader& reader, std::string_view name, Component& component, Read read) {
  const Member* member = reader.array(name);
  if (member == nullptr) return;
  const auto& array = *member->value.get<Value::Array>();
  for (std::size_t i = 0; i < array.size(); ++i) {
    read(reader.report(), array[i], join_index(reader.key_of(name), i), component);
  }
}

void read_hosts(LoadContext& context, TableReader& reader, Component& component) {
  const auto entries = reader.strings("allowed_outbound_hosts");
  const std::string key = reader.key_of("allowed_outbound_hosts");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Template entry = read_template(context, entries[i], join_index(key, i));
    const bool faulty = entry.is_literal() && entry.text().find("{{") != std::string::npos;  // reported already
    if (!faulty) context.hosts.push_back({entry, entries[i].at, join_index(key, i)});
    component.allowed_outbound_hosts.push_back({std::move(entry), entries[i].at});
  }
  const Member* old = reader.member("allowed_http_hosts");
  if (old == nullptr) return;
  std::string replacement;
  for (const auto& host : reader.strings("allowed_http_hosts")) {
    for (std::string& entry : hosts_for_http_host(host.value)) {
      replacement += compose("{}\"{}\"", replacement.empty() ? "" : ", ", entry);
      Template literal = Template::literal(std::move(entry));
      context.hosts.push_back({literal, host.at, reader.key_of("allowed_http_hosts")});
      component.allowed_outbound_hosts.push_back({std::move(literal), host.at});
    }
  }
  reader.report().warning(old->at, reader.key_of("allowed_http_hosts"), "`allowed_http_hosts` is deprecated",
                          compose("write allowed_outbound_hosts = [{}]", replacement));
}

std::vector<Located<std::string>> read_labels(TableReader& reader, std::string_view name) {
  auto labels = reader.strings(name);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (is_label(labels[i].value)) continue;
    const std::string better = suggest_kebab(labels[i].value);
    reader.report().error(
        labels[i].at, join_index(reader.key_of(name), i), compose("`{}` is not a label", labels[i].value),
        better.empty() ? "use kebab-case or snake_case: \"default\"" : compose("write \"{}\"", better));
  }
  return labels;
}

}  // namespace

void read_access(LoadContext& context, TableReader& reader, Component& component) {
  for_each_element(reader, "files", component, read_file);
  component.exclude_files = reader.strings("exclude_files");
  for (std::size_t i = 0; i < component.exclude_files.size(); ++i) {
    const auto& pattern = component.exclude_files[i];
    if (auto glob = Glob::parse(pattern.value); !glob) {
      context.report.error(pattern.at, join_index(reader.key_of("exclude_files"), i),
                           compose("`{}` is not a file pattern: {}", pattern.value, glob.error().message()),
                           "use `*`, `?`, `[a-z]` and `**`");
    }
  }
  read_hosts(context, reader, component);
  component.key_value_stores = read_labels(reader, "key_value_stores");
  component.sqlite_databases = read_labels(reader, "sqlite_databases");
  component.ai_models = reader.strings("ai_models");
  for_each_element(reader, "allowed_paths", component, read_allowed_path);
}

void read_build(TableReader& parent, Component& component) {
  const Member* table = parent.table("build");
  if (table == nullptr) return;
  TableReader reader(parent.report(), table->value, parent.key_of("build"));
  Build build;
  build.at = table->at;
  const Member* command = reader.member("command");
  if (command == nullptr) {
    reader.error("command", "`command` is missing", "add command = \"cargo build --target wasm32-wasip2 --release\"");
  } else if (const auto* text = command->value.get<std::string>()) {
    build.commands.push_back(*text);
  } else {
    for (auto& line : reader.strings("command")) build.commands.push_back(std::move(line.value));
  }
  if (auto workdir = reader.string("workdir")) {
    if (workdir->value.starts_with('/')) {
      reader.error("workdir", "`workdir` is an absolute path", "write it relative to the manifest");
    }
    build.workdir = std::move(workdir->value);
  }
  for (auto& pattern : reader.strings("watch")) build.watch.push_back(std::move(pattern.value));
  reader.finish();
  component.build = std::move(build);
}

}  // namespace weft::manifest
