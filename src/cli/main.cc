// The weft program: reads the command line and calls the command.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "cli/build.h"
#include "cli/call.h"
#include "cli/command.h"
#include "cli/completions.h"
#include "cli/doctor.h"
#include "cli/gaps.h"
#include "cli/grant.h"
#include "cli/inspect.h"
#include "cli/link.h"
#include "cli/lock.h"
#include "cli/new.h"
#include "cli/run.h"
#include "cli/secret.h"
#include "cli/serve_api.h"
#include "cli/serving_options.h"
#include "cli/up.h"
#include "cli/version.h"
#include "cli/watch.h"
#include "cli/wit.h"
#include "manifest/identifier.h"
#include "runtime/compile_protocol.h"
#include "runtime/compile_worker.h"
#include "util/start_trace.h"

namespace {

// Connections and guests' files need more descriptors than most shells allow; the system's own limit is higher.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// A file that is opened later must not become standard output by being the first that is free.
void hold_standard_files() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", O_RDWR);
  }
}

// An error of the command line is printed; asking for help or the version is not one.
int report(const CLI::App& program, const CLI::ParseError& error, const char* first_word) {
  const auto commands = program.get_subcommands([](const CLI::App*) { return true; });
  const bool is_word = first_word != nullptr && first_word[0] != '-';
  if (is_word && std::ranges::none_of(commands, [&](const CLI::App* one) { return one->check_name(first_word); })) {
    std::vector<std::string> names;
    for (const CLI::App* command : commands) names.push_back(command->get_name());
    std::cerr << program.get_name() << " has no command `" << first_word
              << "`: " << weft::manifest::suggest(first_word, names) << "\n"
              << "Run with --help for more information.\n";
    return weft::cli::exit_usage;
  }
  return program.exit(error) == 0 ? weft::cli::exit_done : weft::cli::exit_usage;
}

}  // namespace

int main(int argc, char** argv) {
  // Not for users: this program started by itself (runtime/compile_child.h).
  if (argc == 2 && std::strcmp(argv[1], weft::runtime::compile_worker_command) == 0)
    return weft::runtime::compile_worker();

  hold_standard_files();
  weft::trace_start("main");
  // A client that closes its connection is an error of one write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  // So is a file that grows beyond the process's limit.
  std::signal(SIGXFSZ, SIG_IGN);
  raise_descriptor_limit();

  CLI::App program(
      "weft runs WebAssembly components: Spin applications, unmodified, on your own machine and in the cloud.",
      weft::cli::program_name(argv[0]));
  program.set_version_flag("-V,--version", weft::cli::version_line(program.get_name()));
  program.require_subcommand(1);
  program.footer(
      "Examples:\n  weft new -t http-rust hello    make an application\n"
      "  weft build                    build its components\n"
      "  weft up                       serve the application of ./spin.toml\n"
      "  weft watch                    build and serve it, again at every change\n"
      "  weft up hello.wasm            serve one component at every path\n"
      "  weft run tool.wasm ARGS       run a component that is a command, to its end\n"
      "  weft call calc.wasm add 2 3   call an exported function with JSON\n"
      "  weft serve-api calc.wasm      serve the exported functions over HTTP\n\n"
      "weft COMMAND --help says more.");

  weft::cli::ServingOptions up;
  CLI::App* up_command = program.add_subcommand("up", "Serve an application on this machine")->alias("u");
  up.add_to(*up_command, "-c,--component-id");
  up_command->add_flag("--build", up.up.build, "Build the components before")->envname("SPIN_ALWAYS_BUILD");
  const std::string name = program.get_name();
  up_command->footer("Examples:\n  " + name + " up --listen 0.0.0.0:8080\n  " + name +
                     " up hello.wasm --tls-cert cert.pem --tls-key key.pem" + weft::cli::exit_codes_help +
                     "\n  130  ended by a second Ctrl-C, before open requests were done");

  weft::cli::InspectOptions inspect;
  CLI::App* inspect_command =
      program.add_subcommand("inspect", "Say what a component is, needs and exports, and whether it runs here");
  inspect_command->add_option("from", inspect.from, "A .wasm file, a manifest, or a folder with one")->required();
  inspect_command->add_flag("--json", inspect.as_json, "For programs");
  inspect_command->add_flag("--wit", inspect.only_wit, "Its WIT and nothing else");
  inspect_command->add_option("--cache-dir", inspect.code.cache_folder, "Folder for compiled code")
      ->envname("WEFT_CACHE_DIR")
      ->capture_default_str();
  inspect_command->footer("Examples:\n  weft inspect hello.wasm\n  weft inspect hello.wasm --wit > hello.wit" +
                          std::string(weft::cli::exit_codes_help));

  bool gaps_as_json = false;
  CLI::App* gaps_command = program.add_subcommand("gaps", "List what weft does not do, and what to do instead");
  gaps_command->add_flag("--json", gaps_as_json, "For programs");
  gaps_command->footer("Examples:\n  weft gaps\n  weft gaps --json" + std::string(weft::cli::exit_codes_help));

  const weft::cli::Command commands[] = {
      weft::cli::new_command(program),       weft::cli::build_command(program),      weft::cli::watch_command(program),
      weft::cli::doctor_command(program),    weft::cli::secret_command(program),     weft::cli::link_command(program),
      weft::cli::templates_command(program), weft::cli::grant_command(program),      weft::cli::run_command(program),
      weft::cli::call_command(program),      weft::cli::serve_api_command(program),  weft::cli::wit_command(program),
      weft::cli::lock_command(program),      weft::cli::completions_command(program)};

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report(program, error, argc > 1 ? argv[1] : nullptr);
  }
  for (const weft::cli::Command& command : commands) {
    if (*command.app) return command.run();
  }
  if (*inspect_command) return weft::cli::inspect(inspect);
  if (*gaps_command) return weft::cli::gaps(gaps_as_json);
  weft::trace_start("command line");
  if (*up_command) {
    return weft::cli::up(up.finished());
  }
  return 0;
}
