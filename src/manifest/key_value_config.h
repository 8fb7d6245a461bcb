// `[key_value_store.<label>]` of a runtime configuration. Not for use outside this folder.
#pragma once

#include <filesystem>
#include <vector>

#include "manifest/reader.h"
#include "manifest/runtime_config.h"

namespace weft::manifest {

// `root` is the whole file; paths start from `folder`.
std::vector<KeyValueStoreConfig> read_key_value_stores(TableReader& root, const std::filesystem::path& folder);

}  // namespace weft::manifest
