#include "cli/lock.h"

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "cli/application.h"
#include "manifest/locked.h"

namespace weft::cli {
namespace {

struct Options {
  std::string from = "spin.toml";
  std::string out;  // empty: standard output
  ApplicationOptions application;
};

int run(const Options& options) {
  const auto app = load_application(options.from, options.application);
  if (!app) return exit_failed;
  const auto text = manifest::write_locked(*app);
  if (!text) {
    complain(text.error().message());
    return exit_failed;
  }
  if (options.out.empty()) {
    if (std::fwrite(text->data(), 1, text->size(), stdout) == text->size() && std::fflush(stdout) == 0)
      return exit_done;
    complain("standard output cannot be written to");
    return exit_failed;
  }
  std::ofstream file(options.out, std::ios::binary | std::ios::trunc);
  file << *text;
  file.close();
  if (file) return exit_done;
  complain(options.out + " cannot be written");
  return exit_failed;
}

}  // namespace

Command lock_command(CLI::App& program) {
  auto options = std::make_shared<Options>();
  CLI::App* app = program.add_subcommand("lock", "Write an application as JSON, as Spin locks it");
  app->add_option("-f,--from,from", options->from, "A manifest, a folder with a spin.toml, or a .wasm file")
      ->capture_default_str();
  app->add_option("-o,--output", options->out, "The file to write; standard output by default");
  app->add_option("--profile", options->application.profile, "With this profile of the components that have it");
  app->add_option("-e,--env", options->application.environment,
                  "KEY=VALUE for the environment of every component. May be repeated")
      ->allow_extra_args(false);
  app->add_option("-c,--component-id", options->application.components,
                  "Lock what triggers this component and nothing else. May be repeated")
      ->allow_extra_args(false);
  const std::string name = program.get_name();
  app->footer(
      "The lock says what the manifest means: every default is filled in, every path is absolute, `files` are those "
      "that\n"
      "are there now. `up` and all that take a manifest take it too, by its ending, .lock or .json. It is what Spin "
      "hands "
      "to\n"
      "its triggers (SPIN_LOCKED_URL). Secrets stay references: their values are not in it.\n\n"
      "Examples:\n  " +
      name + " lock -o spin.lock\n  " + name + " lock shop/ --profile debug | jq .components\n  " + name +
      " up -f spin.lock" + exit_codes_help);
  return {app, [options] { return run(*options); }};
}

}  // namespace weft::cli
