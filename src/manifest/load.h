// From spin.toml to App. Every problem is reported, not only the first.
//
// Version 2 is read as it is; version 1 is converted. Beyond Spin: a missing version with [application] present loads
// as version 2 with a warning; upper-case names under `variables` are accepted; `secrets`, `allowed_paths` and
// `application.otel` are read. Nothing but the manifest itself is opened.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/app.h"
#include "manifest/diagnostic.h"

namespace weft::manifest {

// A manifest is written by hand: larger ones are mistakes or attacks on the parser.
inline constexpr std::size_t max_manifest_bytes = 1 << 20;
// Depth of tables, arrays and dotted keys: the deepest key of the format has 7 levels, plugins may nest some.
inline constexpr std::size_t max_nesting = 32;
// Keys and table headers in one manifest.
inline constexpr std::size_t max_keys = 50'000;
// Of each kind, in one application; enough for any real one, small enough for every quadratic step downstream.
inline constexpr std::size_t max_components = 4096;
inline constexpr std::size_t max_triggers = 16'384;
inline constexpr std::size_t max_variables = 4096;  // of the application, and of each table of a component
// After so many problems the rest says nothing new.
inline constexpr std::size_t max_diagnostics = 100;

struct LoadOptions {
  // Spin's own rules where weft is kinder: upper-case variable names and a missing version are errors.
  bool strict = false;
  // Profile to apply (`--profile`); one that no component declares is an error.
  std::optional<std::string> profile = std::nullopt;
};

struct LoadResult {
  std::optional<App> app;  // absent when there is any error
  std::vector<Diagnostic> diagnostics;
};

LoadResult load_file(const std::filesystem::path& path, const LoadOptions& options = {});
// `file_name` is what diagnostics print; its folder becomes App::root.
LoadResult load_text(std::string_view text, const std::filesystem::path& file_name, const LoadOptions& options = {});

}  // namespace weft::manifest
