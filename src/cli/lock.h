// `weft lock`: writes an application as Spin locks it.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command lock_command(CLI::App& program);

}  // namespace weft::cli
