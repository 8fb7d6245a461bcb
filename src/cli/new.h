// `weft new` and `weft templates`: a new application from a template.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command new_command(CLI::App& program);
Command templates_command(CLI::App& program);

}  // namespace weft::cli
