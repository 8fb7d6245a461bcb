// `weft watch`: builds and serves an application, again at every change.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command watch_command(CLI::App& program);

}  // namespace weft::cli
