// `weft run`: runs a component that is a command, to its end.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command run_command(CLI::App& program);

}  // namespace weft::cli
