// `weft grant`: adds to what an application's manifest grants its components.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command grant_command(CLI::App& program);

}  // namespace weft::cli
