// `weft serve-api`: the exported functions of a component over HTTP.
#pragma once

#include "cli/command.h"

namespace weft::cli {

Command serve_api_command(CLI::App& program);

}  // namespace weft::cli
