// The application a command is about, and how its errors are told.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifest/app.h"

namespace weft::cli {

// "Error: <message>" on standard error.
void complain(std::string_view message);

// `from` is a manifest, a folder with one, or a .wasm file; "spin.toml" is looked for in the folders above too, as the
// reference does. Everything that is wrong is reported; nothing is returned then.
std::optional<manifest::App> load_application(const std::string& from, bool strict);

}  // namespace weft::cli
