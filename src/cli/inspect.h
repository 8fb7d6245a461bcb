// `weft inspect`: what a component is, needs and exports.
#pragma once

#include <string>

#include "cli/code_options.h"

namespace weft::cli {

struct InspectOptions {
  std::string from;  // a .wasm file, a manifest, or a folder with one
  bool as_json = false;
  bool only_wit = false;
  CodeOptions code;
};

// Returns the exit code: 0 also for a component that does not run here.
int inspect(const InspectOptions& options);

}  // namespace weft::cli
