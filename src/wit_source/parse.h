// From WIT text to a tree (WIT.md of the component model).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "util/error.h"
#include "wit_source/syntax.h"

namespace weft::wit_source {

// Types inside each other: as many as values may have.
inline constexpr int max_type_depth = 100;
// Names of packages, interfaces, functions, types, fields and the like in one file.
inline constexpr std::size_t max_names = 100'000;

// What a file adds to packages: that of the file itself first, which may be empty, then those written inside of it.
// `file` is the number that places in it get. Errors start with the line: "line 3: expected …".
Result<std::vector<Part>> parse(std::string_view text, std::uint32_t file);

}  // namespace weft::wit_source
