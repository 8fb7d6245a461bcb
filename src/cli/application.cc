#include "cli/application.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "manifest/bare.h"
#include "manifest/locked.h"

namespace weft::cli {

namespace fs = std::filesystem;

namespace {

bool set_environment(manifest::App& app, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    complain("--env " + setting + ": expected KEY=VALUE");
    return false;
  }
  const std::string name = setting.substr(0, equals);
  for (manifest::Component& component : app.components) {
    std::erase_if(component.environment, [&](const auto& variable) { return variable.name == name; });
    component.environment.push_back(
        {.name = name, .value = manifest::Template::literal(setting.substr(equals + 1)), .at = {}});
  }
  return true;
}

bool keep_components(manifest::App& app, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (app.find_component(id) == nullptr) {
      complain("--component-id " + id + ": " + app.name + " has no such component");
      return false;
    }
  }
  const auto named = [&](const std::string& id) { return std::ranges::find(ids, id) != ids.end(); };
  std::erase_if(app.triggers, [&](const manifest::Trigger& trigger) { return !named(trigger.component); });
  for (manifest::Component& component : app.components) component.used = component.used && named(component.id);
  if (!app.triggers.empty()) return true;
  complain("--component-id: no trigger calls these components");
  return false;
}

bool change(manifest::App& app, const ApplicationOptions& options) {
  for (const std::string& setting : options.environment) {
    if (!set_environment(app, setting)) return false;
  }
  return options.components.empty() || keep_components(app, options.components);
}

}  // namespace

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

bool is_bare(const manifest::App& app) {
  return app.file.extension() == ".wasm" || app.file.extension() == ".wat";
}

std::optional<manifest::App> load_application(const std::string& named, const ApplicationOptions& options) {
  const fs::path from = find_application(named);
  std::error_code ignored;
  if (from.extension() == ".wasm" || from.extension() == ".wat") {
    if (!fs::exists(from, ignored)) {
      complain("there is no file " + from.string());
      return std::nullopt;
    }
    if (options.profile) {
      complain(from.string() + " has no profiles; --profile is for manifests");
      return std::nullopt;
    }
    manifest::App app = manifest::bare_app(from);
    if (!change(app, options)) return std::nullopt;
    return app;
  }
  const bool locked = from.extension() == ".lock" || from.extension() == ".json";
  const manifest::LoadOptions load{.strict = options.strict, .profile = options.profile};
  manifest::LoadResult loaded = locked ? manifest::load_locked_file(from, load) : manifest::load_file(from, load);
  if (!loaded.diagnostics.empty()) {
    const auto colour = isatty(STDERR_FILENO) != 0 ? manifest::Colour::always : manifest::Colour::never;
    std::fputs(manifest::format_all(loaded.diagnostics, colour).c_str(), stderr);
  }
  if (loaded.app && !change(*loaded.app, options)) return std::nullopt;
  return std::move(loaded.app);
}

}  // namespace weft::cli
