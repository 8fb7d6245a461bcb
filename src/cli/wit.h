// `weft wit`: a component's world as WIT, and whether it fits one.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command wit_command(CLI::App& program);

}  // namespace weft::cli
