// What the component model, WASI and HTTP mean by a string.
#pragma once

#include <string_view>

namespace weft {

// True if `text` is well-formed UTF-8 (Unicode 15, table 3-7).
bool is_utf8(std::string_view text);

}  // namespace weft
