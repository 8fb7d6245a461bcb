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

std::optional<manifest::App> load_application(const std::string& named, bool strict) {
  fs::path from = named;
  std::error_code ignored;
  if (fs::is_directory(from, ignored)) from /= "spin.toml";
  if (from.extension() == ".wasm" || from.extension() == ".wat") {
    if (!fs::exists(from, ignored)) {
      complain("there is no file " + from.string());
      return std::nullopt;
    }
    return manifest::bare_app(from);
  }
  if (!fs::exists(from, ignored) && named == "spin.toml") {
    // As in the reference: the nearest manifest above the working directory.
    for (fs::path folder = fs::current_path(ignored); folder.has_relative_path(); folder = folder.parent_path()) {
      if (!fs::exists(folder / "spin.toml", ignored)) continue;
      from = folder / "spin.toml";
      std::fprintf(stderr, "Using %s\n", from.c_str());
      break;
    }
  }
  manifest::LoadResult loaded = manifest::load_file(from, {.strict = strict});
  if (!loaded.diagnostics.empty()) {
    const auto colour = isatty(STDERR_FILENO) != 0 ? manifest::Colour::always : manifest::Colour::never;
    std::fputs(manifest::format_all(loaded.diagnostics, colour).c_str(), stderr);
  }
  return std::move(loaded.app);
}

}  // namespace weft::cli
