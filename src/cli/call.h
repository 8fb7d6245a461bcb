// `weft call`: an exported function of a component, called with JSON.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command call_command(CLI::App& program);

}  // namespace weft::cli
