// Changes to a manifest's text that keep all the rest of it: comments, order, layout.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "util/error.h"

namespace weft::manifest {

// Adds `entries` to the list `key` of the table [component.<id>], or of the [[component]] of that id (version 1); makes
// the list if there is none. REQUIRES: `text` is valid TOML. Errc::invalid when the table is written in another way,
// or the value is no list. The caller sees that the result means what it shall.
Result<std::string> add_to_component_list(std::string_view text, std::string_view id, std::string_view key,
                                          std::span<const std::string> entries);

}  // namespace weft::manifest
