// `weft completions`: what a shell needs to complete command lines.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command completions_command(CLI::App& program);

}  // namespace weft::cli
