// Names of imports and exports: grammar (Explainer.md "Import and Export Definitions") and strong uniqueness
// ("Name Uniqueness").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "util/error.h"

namespace weft::component {

// <label>: kebab case, each word all lower or all upper case, starting with a letter.
bool is_label(std::string_view text);

// A parsed <externname>; the views point into the text that was parsed.
struct ParsedName {
  enum class Kind { label, constructor, method, static_, interface };

  Kind kind = Kind::label;
  std::string_view resource;  // of constructor, method and static_
  std::string_view label;     // of label, method and static_

  // interface: "package_namespace:package/interface@version"
  std::string_view package_namespace;
  std::string_view package;
  std::string_view interface;
  std::optional<std::string_view> version;
};

// Errc::invalid with what is wrong, without position.
Result<ParsedName> parse_extern_name(std::string_view text);

// Checks a full semantic version (semver.org, 2.0.0): "1.2.3-rc.1+build".
Result<void> check_semver(std::string_view text);

// The form in which names of one scope must differ.
std::string strongly_unique_form(std::string_view name);

// The names of one scope.
class NameSet {
 public:
  // Adds a name; false if it is not strongly unique, and then `previous` is the name it meets.
  bool insert(const std::string& name, std::string& previous);

 private:
  std::unordered_map<std::string, std::string> names_;  // canonical form → as written
};

}  // namespace weft::component
