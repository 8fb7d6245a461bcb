// Where an application that is served here keeps what outlives it: .spin beside its manifest, as the reference does.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "manifest/app.h"

namespace weft::cli {

// `state_dir` is the value of --state-dir: none: the default; empty: nothing is kept.
std::optional<std::filesystem::path> state_folder(const manifest::App& app,
                                                  const std::optional<std::string>& state_dir);
// The same of an application that is not loaded, by what --from names.
std::optional<std::filesystem::path> state_folder_of(const std::string& from,
                                                     const std::optional<std::string>& state_dir);

}  // namespace weft::cli
