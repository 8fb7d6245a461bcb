// The locked application: Spin's JSON for an application that is loaded (its spin.lock), read and written.
//
// It says the same as a manifest, with other names and every path absolute; it becomes the tree of a manifest of
// version 2, so that one set of readers judges both. What Spin has no place for (secrets, allowed_paths, targets, otel)
// stands in `metadata` under the manifest's names, where Spin ignores it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "manifest/load.h"

namespace weft::manifest {

// Written by a program, one entry for each file of a component.
inline constexpr std::size_t max_locked_bytes = 16 << 20;

// Diagnostics have the path in the JSON for their key. App::root is the folder of `metadata.origin`, if it is there,
// else that of the file. The application has no profiles to choose from. Opens nothing but the file.
LoadResult load_locked_file(const std::filesystem::path& path, const LoadOptions& options = {});
// `file_name` is what diagnostics print.
LoadResult load_locked_text(std::string_view text, const std::filesystem::path& file_name,
                            const LoadOptions& options = {});

// The application as Spin locks it: what triggers name and no other components, `files` as they are on the disk now,
// middleware with the component that it stands in front of. An error: a component from a registry, or `files` that
// cannot be expanded.
Result<std::string> write_locked(const App& app);

}  // namespace weft::manifest
