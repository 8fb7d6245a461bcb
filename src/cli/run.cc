#include "cli/run.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/application.h"
#include "cli/run_options.h"
#include "cli/services.h"
#include "command/command_grants.h"
#include "command/find_command.h"
#include "command/run_command.h"
#include "runtime/loader.h"
#include "util/read_file.h"

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

std::string help_for(const std::string& name) {
  std::string text = help;
  constexpr std::string_view mark = "%weft";
  for (std::size_t at; (at = text.find(mark)) != std::string::npos;) text.replace(at, mark.size(), name);
  return text;
}

void tell(std::string_view line) {
  std::fprintf(stderr, "weft: %.*s\n", static_cast<int>(line.size()), line.data());
}

Result<std::shared_ptr<runtime::LiveComponent>> load(const wasm::Engine& engine, runtime::CodeStore& code,
                                                     const bind::Registry& registry, const std::string& file) {
  TRY(auto text, read_file(file, runtime::max_component_bytes));
  const auto bytes = std::as_bytes(std::span(text));
  return runtime::load_component(engine, code, registry,
                                 std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()), file);
}

runtime::RunLimits limits_of(const RunOptions& options) {
  runtime::RunLimits limits;
  limits.store.memory_bytes = options.max_memory_bytes;
  limits.store.total_memory_bytes = options.max_memory_bytes;
  limits.cpu = runtime::RunLimits::unlimited;
  limits.wall = runtime::RunLimits::unlimited;
  if (options.timeout_s > 0) limits.wall = std::chrono::nanoseconds(static_cast<std::int64_t>(options.timeout_s * 1e9));
  return limits;
}

Result<command::Ended> load_and_run(const RunOptions& options) {
  const std::string& file = options.command.front();
  TRY(auto grants, command::CommandGrants::create(options.outbound, options.listen));
  TRY(auto setup, wasi_setup(options));
  TRY(auto engine, wasm::Engine::create({}));
  bind::Registry registry;
  add_services(registry);
  // It runs with the code it begins with: that may as well be good.
  const auto code = open_code_store(*engine, options.code, tell, runtime::CodeStore::First::full);
  TRY(const auto component, load(*engine, *code, registry, file));
  if (auto found = command::find_command(component->plan()); !found)
    return std::unexpected(std::move(found).error().context(file));
  for (const std::string& line : component->current()->fails_calling())
    tell(file + " runs, but fails when it calls what it " + line);
  const command::CommandOptions run{
      .name = file, .grants = grants.get(), .limits = limits_of(options), .wasi = std::move(setup), .log = tell};
  return command::run_command(*engine, component->current(), run);
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
  if (std::filesystem::is_directory(file, none) || file.ends_with(".toml")) {
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
  app->add_option("-e,--env", options->environment,
                  "NAME=VALUE for the command's environment, or NAME: as it is here; repeatable")
      ->allow_extra_args(false);
  app->add_option("--dir", options->folders,
                  "HOST[::GUEST][:ro]: a folder it may use, under the name GUEST; :ro: it may only read; repeatable")
      ->allow_extra_args(false);
  app->add_option("--allow-outbound-hosts", options->outbound,
                  "SCHEME://HOST[:PORT] that it may reach, as in a manifest: https://api.example.com, "
                  "tcp://10.0.0.0/8:5432; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false);
  app->add_option("--allow-listen", options->listen,
                  "Address of this machine where it may wait for connections or datagrams: tcp://127.0.0.1:8080, "
                  "tcp://127.0.0.1:*; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false);
  app->add_option("--timeout", options->timeout_s, "Seconds after which it is ended; no limit by default")
      ->check(CLI::PositiveNumber);
  app->add_option("--max-memory", options->max_memory_bytes, "Bytes of memory it may have, as in 64MiB")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app->add_option("--max-disk", options->max_disk_bytes,
                  "Bytes it may write to its folders; each new name counts as 4096")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app->add_option("--cache-dir", options->code.cache_folder, "Folder for compiled code")
      ->envname("WEFT_CACHE_DIR")
      ->capture_default_str();
  app->add_flag("--no-cache", options->code.no_cache, "Compile anew and keep nothing");
  app->footer(help_for(name));
  return {app, [options, app] {
            options->command = app->remaining();
            return run(*options);
          }};
}

}  // namespace weft::cli
