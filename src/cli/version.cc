#include "cli/version.h"

#include "commit.h"

namespace weft::cli {
namespace {

// The version of Spin whose applications and commands are served.
constexpr std::string_view served_spin = "4.1.0";

}  // namespace

std::string version_line(std::string_view program) {
  const std::string commit = " (" WEFT_COMMIT ")";
  const std::string ours = "weft " WEFT_VERSION;
  if (program != "spin") return ours + commit;
  return "spin " + std::string(served_spin) + commit + " " + ours;
}

}  // namespace weft::cli
