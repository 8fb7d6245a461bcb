// The application a command is about, and how its errors are told.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/load.h"

namespace weft::cli {

// "Error: <message>" on standard error.
void complain(std::string_view message);

// The manifest that `from` names: that of a folder, else the file itself. "spin.toml" is looked for in the folders
// above too, as the reference does. It may not exist.
std::filesystem::path find_application(const std::string& from);

// A component alone, without a manifest or a lock.
bool is_bare(const manifest::App& app);

// How a command line changes what a manifest says.
struct ApplicationOptions {
  bool strict = false;                        // as manifest::LoadOptions
  std::optional<std::string> profile = {};    // the same
  std::vector<std::string> environment = {};  // KEY=VALUE for every component, before its own
  std::vector<std::string> components = {};   // ids; what triggers others is left out. Empty: all
};

// `from` is a manifest, a folder with one, a locked application (.lock or .json), or a .wasm file. Everything that is
// wrong is reported; nothing is returned then.
std::optional<manifest::App> load_application(const std::string& from, const ApplicationOptions& options = {});

}  // namespace weft::cli
