// An application for a bare wasm file: named after its stem, with one HTTP trigger `/...` and no grants.
#pragma once

#include <filesystem>

#include "manifest/app.h"

namespace weft::manifest {

// Opens nothing: whether the file is there and is a component is found out when it is loaded.
App bare_app(const std::filesystem::path& wasm_file);

}  // namespace weft::manifest
