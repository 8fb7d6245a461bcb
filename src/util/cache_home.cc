#include "util/cache_home.h"

#include <cstdlib>
#include <utility>

namespace weft {

std::filesystem::path cache_home() {
  for (const auto& [variable, below] : {std::pair("XDG_CACHE_HOME", "weft"), std::pair("HOME", ".cache/weft")}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && value[0] == '/') return std::filesystem::path(value) / below;
  }
  return {};
}

}  // namespace weft
