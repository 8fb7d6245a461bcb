// The files of templates/, as they were when the program was built.
#pragma once

#include <span>
#include <string_view>

namespace weft::project {

struct EmbeddedFile {
  std::string_view name;  // "http-c/src/main.c"
  std::string_view content;
};

// Sorted by name.
std::span<const EmbeddedFile> embedded_files();

}  // namespace weft::project
