// `weft link`: which store a label of an application that is served stands for.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command link_command(CLI::App& program);

}  // namespace weft::cli
