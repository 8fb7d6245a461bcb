// Names of imports and exports, as the keys of `dependencies` mean them.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weft::compose {

// Views of the text it was made of: "acme:math/add@1.2.0", "acme:math", "acme:math@1.2.0", or a plain name.
struct ImportName {
  std::string_view package;    // "acme:math"; empty for a plain name
  std::string_view interface;  // "add"; the plain name; empty for a whole package
  std::string_view version;    // may be empty

  explicit ImportName(std::string_view text);
  bool is_plain() const { return package.empty(); }
};

// Whether the key of a dependency stands for `import`. A key without an interface stands for all of its package, one
// without a version for every version, one with a version for those that are compatible with it (semver: 1.2.0 and
// 1.4.1, 0.2.0 and 0.2.3; a pre-release only for itself).
bool matches(std::string_view key, std::string_view import);

// The export that serves as `wanted`: that very one, else the newest compatible version of it, else, if `wanted` names
// no version, the only one there is of it. Null: none.
const std::string* find_export(std::span<const std::string> exports, std::string_view wanted);

}  // namespace weft::compose
