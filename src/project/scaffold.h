// Writes the files of a new project.
#pragma once

#include <filesystem>
#include <span>

#include "project/templates.h"
#include "util/error.h"

namespace weft::project {

enum class Existing { refuse, overwrite };

// Makes `folder` where it is missing and writes all files, or none when `existing` is refuse and one is there already;
// the error names them and the remedy. A symbolic link in the place of a file is never followed.
Result<void> write_project(const std::filesystem::path& folder, std::span<const ProjectFile> files, Existing existing);

}  // namespace weft::project
