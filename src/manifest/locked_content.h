// Where a locked application says that its content is, as a manifest says it. Not for use outside this folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "manifest/reader.h"
#include "manifest/report.h"
#include "manifest/value.h"

namespace weft::manifest {

// Everything that is wrong is reported, under the path in the JSON that `key` is.
class LockedContent {
 public:
  static constexpr std::string_view remedy =
      "write \"source\": \"file:///...\", or an http or https URL with its \"digest\"";

  // `root`: the application's folder, absolute and normal, without a slash at its end.
  LockedContent(Report& report, std::filesystem::path root) : report_(report), root_(std::move(root)) {}

  // The path of an object whose `source` is the URL of a file: from the application's folder on, if it is beneath it.
  std::optional<std::filesystem::path> local(const Value& content, const std::string& key);
  // The `source` of a component: a path, or a table with a URL and its digest.
  std::optional<Value> source(const Member& source, const std::string& key);
  // `dependencies` of a component.
  Value dependencies(const Member& dependencies, const std::string& key);
  // `trigger_dependencies`: a list of dependencies for each role.
  Value roles(const Member& roles, const std::string& key);

 private:
  std::filesystem::path relative(const std::filesystem::path& path) const;
  void missing(TableReader& reader);
  std::optional<Value> dependency(const Value& value, const std::string& key, Location at);
  void inherit(const Member& inherit, const std::string& key, Value::Table& dependency);

  Report& report_;
  const std::filesystem::path root_;
};

}  // namespace weft::manifest
