// The files a component sees: expands `files` and `exclude_files` of the manifest to host path → guest path.
//
// Nothing outside the application's folder is ever listed, symbolic links included. The expansion is a snapshot; a
// mount must still open every path without following links that changed since.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "manifest/app.h"
#include "manifest/diagnostic.h"

namespace weft::manifest {

// Files of one component, and directory entries looked at to find them: a wrong pattern must not walk a whole disk.
inline constexpr std::size_t max_files = 100'000;
inline constexpr std::size_t max_visited = 1'000'000;
// Depth of directories below the application's folder.
inline constexpr std::size_t max_directory_depth = 64;

struct FileMapping {
  std::filesystem::path host;  // absolute, links resolved; always a regular file
  std::string guest;           // absolute, `/`-separated, without `.` and `..`
};

struct FileList {
  std::vector<FileMapping> files;  // sorted by guest path, each path once
  std::vector<Diagnostic> diagnostics;
};

// Blocking directory reads: call at start, not on a loop. With errors in the diagnostics the list is incomplete.
FileList expand_files(const App& app, const Component& component);

}  // namespace weft::manifest
