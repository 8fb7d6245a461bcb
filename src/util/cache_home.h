// Where this user keeps what can be made again.
#pragma once

#include <filesystem>

namespace weft {

// $XDG_CACHE_HOME/weft, else ~/.cache/weft; empty when the environment names no home. A relative path is ignored (XDG
// Base Directory Specification).
std::filesystem::path cache_home();

}  // namespace weft
