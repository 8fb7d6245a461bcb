// The weft-wast program: runs specification scripts and counts their commands.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <thread>

#include "wast/files.h"

int main(int argc, char** argv) {
  CLI::App program("weft-wast runs scripts of the WebAssembly component-model specification against weft.",
                   "weft-wast");
  weft::wast::Options options;
  options.self = "/proc/self/exe";
  options.jobs = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::string> paths;
  program.add_option("path", paths, "Scripts (.wast), and folders with scripts in them or below")->required();
  program.add_option("--wasm-tools", options.wasm_tools, "The wasm-tools program")->capture_default_str();
  program.add_option("--jobs", options.jobs, "Scripts that run at the same time")->capture_default_str();
  program.add_flag("--mutate", options.mutate,
                   "Change every free name of the scripts and insert custom sections into their binaries first");
  program.add_option("--seconds", options.seconds, "What one command may take in a guest")->capture_default_str();
  program.add_option("--seed", options.seed,
                     "Draw which of several ready threads runs next, where the specification leaves it free");
  program.footer(
      "The last line is `N passed, N failed, N skipped`, counting the commands of scripts.\n"
      "Example:\n  weft-wast --wasm-tools ~/bin/wasm-tools component-model/values");
  CLI11_PARSE(program, argc, argv);

  auto scripts = weft::wast::find_scripts(paths);
  if (!scripts) {
    std::fprintf(stderr, "Error: %s\n", scripts.error().message().c_str());
    return 2;
  }
  const weft::wast::Counts counts = weft::wast::run_scripts(*scripts, options);
  std::printf("%u passed, %u failed, %u skipped\n", counts.passed, counts.failed, counts.skipped);
  return counts.failed == 0 && counts.skipped == 0 ? 0 : 1;
}
