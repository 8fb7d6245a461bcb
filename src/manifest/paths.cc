#include "manifest/paths.h"

#include <algorithm>
#include <cstdint>

namespace weft::manifest {
namespace {

// Calls `use` for each non-empty component.
template <class Use>
void for_each_component(std::string_view path, Use use) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) use(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
}

}  // namespace

std::optional<PathProblem> app_path_problem(std::string_view path) {
  if (path.empty()) return PathProblem{"is empty", "name a file, a folder or a pattern"};
  if (path.find('\0') != std::string_view::npos) return PathProblem{"holds a NUL character", "remove it"};
  if (path.front() == '/') {
    return PathProblem{"is an absolute path",
                       "write a path relative to the manifest; host folders elsewhere need "
                       "`allowed_paths`"};
  }
  std::string_view last;
  bool parent = false;
  for_each_component(path, [&](std::string_view component) {
    last = component;
    parent = parent || component == "..";
  });
  if (last == "." || last == "..") return PathProblem{"ends in `.` or `..`", "name the folder itself"};
  if (parent) {
    return PathProblem{"leaves the application's folder", "keep the files below the manifest, or use `allowed_paths`"};
  }
  return std::nullopt;
}

std::optional<std::string> guest_path(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return std::nullopt;
  std::string out;
  bool parent = false;
  for_each_component(path, [&](std::string_view component) {
    parent = parent || component == "..";
    if (component != ".") out.append("/").append(component);
  });
  if (parent) return std::nullopt;
  return out.empty() ? "/" : out;
}

}  // namespace weft::manifest
