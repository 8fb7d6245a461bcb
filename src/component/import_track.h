// Which versions of an interface stand for each other.
#pragma once

#include <string>
#include <string_view>

namespace weft::component {

// The interface name with its version cut down to what must be equal for two versions to be compatible (semver):
// "wasi:io/poll@0.2.3" → "wasi:io/poll@0.2", "a:b/c@1.4.0" → "a:b/c@1". A pre-release matches only itself. A name
// without a version stays as it is.
std::string import_track(std::string_view interface);

}  // namespace weft::component
