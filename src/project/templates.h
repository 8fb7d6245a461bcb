// The templates of `weft new`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "util/error.h"

namespace weft::project {

struct Template {
  std::string_view name;         // "http-rust"
  std::string_view description;  // for lists
  std::string_view needs;        // what must be installed to build what it makes
};

std::span<const Template> templates();
// nullptr when there is none of that name.
const Template* find_template(std::string_view name);

// A project's name is also that of a folder, a package and a file.
inline constexpr std::size_t max_project_name_bytes = 64;

// What a project is made with. Everything is checked by render().
struct ProjectValues {
  std::string name;  // kebab-case
  std::string description = {};
  std::vector<std::string> authors = {};
  std::string http_path = "/...";
  std::string http_scope = {};  // in front of every route; may be empty
};

struct ProjectFile {
  std::string path;  // relative to the project's folder
  std::string content;
  bool executable = false;
};

// Each fails with Errc::invalid and says what to write instead.
Result<void> check_project_name(const Template& from, std::string_view name);
// The route of a scope and a path: "/api" and "/hello" → "/api/hello".
Result<std::string> route_of(std::string_view scope, std::string_view path);

Result<std::vector<ProjectFile>> render(const Template& from, const ProjectValues& values);

}  // namespace weft::project
