// Many scripts: finding them, and running each in a process of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "util/error.h"
#include "wast/runner.h"

namespace weft::wast {

struct Options {
  std::string wasm_tools = "wasm-tools";
  unsigned jobs = 1;
  bool mutate = false;                     // runs the scripts mutated (mutation.h), the same way each time
  unsigned seconds = 20;                   // what one command may take in a guest
  std::optional<std::uint32_t> seed = {};  // draws which of several ready threads runs
  std::string self;                        // this program, to be started for each script
};

// The scripts named by `paths`: files, and in folders every .wast at any depth, in order of name. Errc::not_found for
// a path that does not exist or a folder without scripts.
Result<std::vector<std::string>> find_scripts(const std::vector<std::string>& paths);

// Runs them and prints a line to standard output for each command that did not pass. A script that cannot be read, or
// that ends the process it runs in, counts as one failure.
Counts run_scripts(const std::vector<std::string>& scripts, const Options& options);

}  // namespace weft::wast
