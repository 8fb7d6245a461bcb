// What --version prints.
#pragma once

#include <string>
#include <string_view>

namespace weft::cli {

// "weft 0.1.0 (8e9b1b1 2026-03-01)". Called as `spin`: a line whose first words are those that scripts made for Spin
// read, and ours after them.
std::string version_line(std::string_view program);

}  // namespace weft::cli
