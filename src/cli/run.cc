#include "cli/run.h"

#include <filesystem>
#include <memory>

#include "cli/application.h"
#include "cli/lone_component.h"
#include "cli/run_options.h"
#include "command/command_grants.h"
#include "command/find_command.h"
#include "command/run_command.h"

namespace weft::cli {
namespace {

constexpr const char* help =
    "FILE is a component that exports wasi:cli/run; what follows it is its own. It has this terminal, and nothing\n"
    "else that is not granted: no files, no variables of the environment, no network.\n\n"
    "Examples:\n"
    "  %weft run tool.wasm --its-own-option FILE\n"
    "  %weft run --dir . --dir /usr/share/dict::/dict:ro words.wasm /dict/words\n"
    "  %weft run --env LANG --env MODE=fast --timeout 10 --max-memory 256MiB tool.wasm < input > output\n"
    "  %weft run --allow-outbound-hosts https://api.example.com fetch.wasm\n\n"
    "Exit codes:\n"
    "  The command's own: what it gave to exit, 0 when it succeeded, 1 when it returned an error.\n"
    "  134  it failed: a trap, or a limit (as programs that abort); standard error says why\n"
    "  1    it could not be started; standard error says why\n"
    "  2    the command line is not understood\n"
    "  130  ended by Ctrl-C, which ends it at once (143 by SIGTERM)";

// FILE and what follows it are not options of the parser: it would look for its own among the command's.
class RunFormatter final : public CLI::Formatter {
  std::string make_usage(const CLI::App*, std::string name) const override {
    return "Usage: " + name + " [OPTIONS] FILE [ARGS...]\n";
  }
};

Result<command::Ended> load_and_run(const RunOptions& options) {
  const std::string& file = options.command.front();
  TRY(auto grants, command::CommandGrants::create(options.outbound, options.listen));
  TRY(auto setup, wasi_setup(options));
  TRY(const auto lone, LoneComponent::load(file, options.code, tell));
  if (auto found = command::find_command(lone->live->plan()); !found)
    return std::unexpected(std::move(found).error().context(file));
  for (const std::string& line : lone->live->current()->fails_calling())
    tell(file + " runs, but fails when it calls what it " + line);
  const command::CommandOptions run{
      .name = file, .grants = grants.get(), .limits = limits_of(options), .wasi = std::move(setup), .log = tell};
  return command::run_command(*lone->engine, lone->live->current(), run);
}

int run(const RunOptions& options) {
  if (options.command.empty()) {
    complain("what is to be run? weft run FILE [ARGS...], and --help says more");
    return exit_usage;
  }
  const std::string& file = options.command.front();
  // Everything from the first word on that is no option of ours belongs to the command.
  std::error_code none;
  if (file.starts_with('-') && !std::filesystem::exists(file, none)) {
    complain("there is no option " + file + "; options of the command follow its file");
    return exit_usage;
  }
  if (is_application(file)) {
    complain(file + " is an application and no command: weft up serves it");
    return exit_failed;
  }
  const auto ended = load_and_run(options);
  if (!ended) {
    complain(ended.error().message());
    return exit_failed;
  }
  if (!ended->fault.empty()) complain(file + ": " + ended->fault);
  return ended->status;
}

}  // namespace

Command run_command(CLI::App& program) {
  auto options = std::make_shared<RunOptions>();
  const std::string name = program.get_name();
  CLI::App* app = program.add_subcommand("run", "Run a component that is a command, to its end");
  app->prefix_command();
  app->formatter(std::make_shared<RunFormatter>());
  add_to(*app, *options);
  app->footer(with_program_name(help, name));
  return {app, [options, app] {
            options->command = app->remaining();
            return run(*options);
          }};
}

}  // namespace weft::cli
