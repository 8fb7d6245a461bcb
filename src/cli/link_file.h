// links.json in an application's state folder: labels whose store was changed by `weft link put`, and to what.
//
//   {"weft_links": 1, "key_value": {"default": "redis://localhost:6379"}}
//
// The file may hold a password: only its owner may read it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "util/error.h"

namespace weft::cli {

using LinkTargets = std::map<std::string, std::string, std::less<>>;

// Nothing where there is no file.
Result<LinkTargets> load_links(const std::filesystem::path& folder);
// Once it returns, the file survives a power cut.
Result<void> save_links(const std::filesystem::path& folder, const LinkTargets& links);

}  // namespace weft::cli
