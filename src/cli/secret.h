// `weft secret`: the secrets of an application on this machine. No value is ever printed.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command secret_command(CLI::App& program);

}  // namespace weft::cli
