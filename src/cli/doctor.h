// `weft doctor`: what is wrong with an application and with this machine, and how to repair it.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command doctor_command(CLI::App& program);

}  // namespace weft::cli
