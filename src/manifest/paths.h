// Path rules of `files` and `allowed_paths` that can be judged without looking at the disk.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weft::manifest {

struct PathProblem {
  std::string_view message;  // continues "`path` ..."
  std::string_view remedy;
};

// A path or pattern relative to the application's folder: not empty, not absolute, no `..`, not ending in `.`.
std::optional<PathProblem> app_path_problem(std::string_view path);

// The absolute, normalised form of a guest path: "a//b/" → "/a/b". nullopt for `..` and NUL characters.
std::optional<std::string> guest_path(std::string_view path);

}  // namespace weft::manifest
