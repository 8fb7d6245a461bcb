#include "cli/command.h"

#include <filesystem>

namespace weft::cli {

std::string program_name(const char* argv0) {
  const std::filesystem::path name = std::filesystem::path(argv0 == nullptr ? "" : argv0).filename();
  return name == "spin" ? "spin" : "weft";
}

}  // namespace weft::cli
