#include "cli/application.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "manifest/bare.h"
#include "manifest/load.h"

namespace weft::cli {

namespace fs = std::filesystem;

void complain(std::string_view message) {
  std::fprintf(stderr, "Error: %.*s\n", static_cast<int>(message.size()), message.data());
}

fs::path find_application(const std::string& from) {
  std::error_code ignored;
  if (fs::is_directory(from, ignored)) return fs::path(from) / "spin.toml";
  if (from != "spin.toml" || fs::exists(from, ignored)) return from;
  // As in the reference: the nearest manifest above the working directory.
  for (fs::path folder = fs::current_path(ignored); folder.has_relative_path(); folder = folder.parent_path()) {
    if (!fs::exists(folder / "spin.toml", ignored)) continue;
    std::fprintf(stderr, "Using %s\n", (folder / "spin.toml").c_str());
    return folder / "spin.toml";
  }
  return from;
}

std::optional<manifest::App> load_application(const std::string& named, bool strict) {
  const fs::path from = find_application(named);
  std::error_code ignored;
  if (from.extension() == ".wasm" || from.extension() == ".wat") {
    if (!fs::exists(from, ignored)) {
      complain("there is no file " + from.string());
      return std::nullopt;
    }
    return manifest::bare_app(from);
  }
  manifest::LoadResult loaded = manifest::load_file(from, {.strict = strict});
  if (!loaded.diagnostics.empty()) {
    const auto colour = isatty(STDERR_FILENO) != 0 ? manifest::Colour::always : manifest::Colour::never;
    std::fputs(manifest::format_all(loaded.diagnostics, colour).c_str(), stderr);
  }
  return std::move(loaded.app);
}

}  // namespace weft::cli
