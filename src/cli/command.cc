#include "cli/command.h"

#include <filesystem>

namespace weft::cli {

std::string program_name(const char* argv0) {
  const std::filesystem::path name = std::filesystem::path(argv0 == nullptr ? "" : argv0).filename();
  return name == "spin" ? "spin" : "weft";
}

std::string with_program_name(std::string help, std::string_view name) {
  constexpr std::string_view mark = "%weft";
  for (std::size_t at; (at = help.find(mark)) != std::string::npos;) help.replace(at, mark.size(), name);
  return help;
}

}  // namespace weft::cli
