#include "manifest/locked_content.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "manifest/file_url.h"
#include "manifest/identifier.h"
#include "manifest/make_value.h"
#include "manifest/text.h"

namespace weft::manifest {

namespace fs = std::filesystem;

fs::path LockedContent::relative(const fs::path& path) const {
  const fs::path normal = path.lexically_normal();
  const auto [at_root, at_path] = std::mismatch(root_.begin(), root_.end(), normal.begin(), normal.end());
  if (at_root != root_.end() || at_path == normal.end()) return normal;
  return normal.lexically_relative(root_);
}

std::optional<fs::path> LockedContent::local(const Value& content, const std::string& key) {
  TableReader reader(report_, content, key);
  const auto source = reader.string("source");
  if (!source) {
    missing(reader);
    return std::nullopt;
  }
  const auto path = path_of_file_url(source->value);
  if (!path) {
    reader.error("source", compose("`{}` is no URL of a file", source->value), std::string(remedy));
    return std::nullopt;
  }
  if (reader.has("digest")) {
    reader.error("digest", "the digest of a local file is not compared", "leave it out");
    return std::nullopt;
  }
  return relative(*path);
}

void LockedContent::missing(TableReader& reader) {
  if (reader.has("digest"))
    reader.error("digest", "the content is named by its digest alone: it is in a registry", std::string(remedy));
  else if (reader.has("inline"))
    reader.error("inline", "the content is in the lock itself", std::string(remedy));
  else if (!reader.has("source"))
    reader.report().error(reader.at(), reader.key(), "the content has no `source`", std::string(remedy));
}

std::optional<Value> LockedContent::source(const Member& source, const std::string& key) {
  TableReader reader(report_, source.value, key);
  const auto type = reader.string("content_type");
  if (type && type->value != "application/wasm") {
    reader.error("content_type", compose("`{}` is no component", type->value), "write \"application/wasm\"");
    return std::nullopt;
  }
  const auto url = reader.string("source");
  if (url && is_http_url(url->value)) {
    Value::Table table;
    add(table, "url", text_value(url->value, url->at));
    take(source.value, {"digest"}, table);
    return table_value(std::move(table), source.value.at);
  }
  const auto path = local(source.value, key);
  if (!path) return std::nullopt;
  return text_value(path->string(), url->at);
}

// As a manifest's table of a dependency.
std::optional<Value> LockedContent::dependency(const Value& value, const std::string& key, Location at) {
  if (value.get<Value::Table>() == nullptr) {
    report_type(report_, value, key, "an object");
    return std::nullopt;
  }
  TableReader reader(report_, value, key);
  const Member* source = reader.table("source");
  if (source == nullptr) {
    if (!reader.has("source")) reader.error("source", "the dependency has no `source`", std::string(remedy));
    return std::nullopt;
  }
  auto where = this->source(*source, reader.key_of("source"));
  if (!where) return std::nullopt;
  Value::Table table;
  if (auto* fields = std::get_if<Value::Table>(&where->data))
    table = std::move(*fields);
  else
    add(table, "path", *std::move(where));
  take(value, {"export"}, table);
  if (const Member* inherit = reader.member("inherit")) this->inherit(*inherit, reader.key_of("inherit"), table);
  return table_value(std::move(table), at);
}

// "All", or {"Some": [names]}.
void LockedContent::inherit(const Member& inherit, const std::string& key, Value::Table& dependency) {
  const auto* text = inherit.value.get<std::string>();
  const Member* some = inherit.value.find("Some");
  if (text != nullptr && *text == "All") {
    add(dependency, "inherit_configuration", Value{.data = true, .at = inherit.at});
  } else if (some != nullptr) {
    dependency.push_back({"inherit_configuration", some->at, some->value});
  } else {
    report_.error(inherit.value.at, key, "neither \"All\" nor {\"Some\": [...]}", "write \"All\", or leave it out");
  }
}

Value LockedContent::dependencies(const Member& dependencies, const std::string& key) {
  Value::Table table;
  for (const Member& member : *dependencies.value.get<Value::Table>()) {
    if (auto made = this->dependency(member.value, join_key(key, member.name), member.at))
      table.push_back({member.name, member.at, *std::move(made)});
  }
  return table_value(std::move(table), dependencies.at);
}

Value LockedContent::roles(const Member& roles, const std::string& key) {
  Value::Table table;
  for (const Member& role : *roles.value.get<Value::Table>()) {
    const auto* list = role.value.get<Value::Array>();
    if (list == nullptr) {
      report_type(report_, role.value, join_key(key, role.name), "an array");
      continue;
    }
    Value::Array made;
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (auto one = this->dependency((*list)[i], join_index(join_key(key, role.name), i), (*list)[i].at))
        made.push_back(*std::move(one));
    }
    table.push_back({role.name, role.at, list_value(std::move(made), role.at)});
  }
  return table_value(std::move(table), roles.at);
}

}  // namespace weft::manifest
