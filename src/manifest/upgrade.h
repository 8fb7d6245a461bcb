// A manifest of version 1 as one of version 2.
#pragma once

#include <string>
#include <string_view>

#include "util/error.h"

namespace weft::manifest {

// The same application; comments and layout are lost. Errc::invalid when `text` is not a sound version 1 manifest.
Result<std::string> upgrade_to_version2(std::string_view text);

}  // namespace weft::manifest
