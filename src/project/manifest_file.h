// Changes a manifest on disk.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "manifest/app.h"
#include "util/error.h"

namespace weft::project {

// The text as `change` makes it, in place of the file, with its permissions: whoever reads it meanwhile sees one or the
// other. The new text must load, and `fits` must say that it means what it shall; else the file stays as it is.
Result<void> edit_manifest(const std::filesystem::path& file,
                           const std::function<Result<std::string>(std::string_view text)>& change,
                           const std::function<bool(const manifest::App& changed)>& fits = {});

}  // namespace weft::project
