// The weft program: reads the command line and calls the command.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstring>

#include "cli/build.h"
#include "cli/command.h"
#include "cli/gaps.h"
#include "cli/inspect.h"
#include "cli/new.h"
#include "cli/secret.h"
#include "cli/up.h"
#include "runtime/compile_protocol.h"
#include "runtime/compile_worker.h"
#include "util/start_trace.h"

#ifndef WEFT_COMMIT
#define WEFT_COMMIT "development build"
#endif

namespace {

// Connections and guests' files need more descriptors than most shells allow; the system's own limit is higher.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Scripts made for Spin read the first three words.
std::string version(const std::string& program) {
  const std::string ours = std::string("weft ") + WEFT_VERSION;
  return program == "spin" ? "spin 4.1.0 (" + std::string(WEFT_COMMIT) + ") " + ours : ours + " (" + WEFT_COMMIT + ")";
}

// An error of the command line is printed; asking for help or the version is not one.
int report(const CLI::App& program, const CLI::ParseError& error) {
  return program.exit(error) == 0 ? weft::cli::exit_done : weft::cli::exit_usage;
}

}  // namespace

int main(int argc, char** argv) {
  // Not for users: this program started by itself (runtime/compile_child.h).
  if (argc == 2 && std::strcmp(argv[1], weft::runtime::compile_worker_command) == 0)
    return weft::runtime::compile_worker();

  weft::trace_start("main");
  // A client that closes its connection is an error of one write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  // So is a file that grows beyond the process's limit.
  std::signal(SIGXFSZ, SIG_IGN);
  raise_descriptor_limit();

  CLI::App program(
      "weft runs WebAssembly components: Spin applications, unmodified, on your own machine and in the cloud.",
      weft::cli::program_name(argv[0]));
  program.set_version_flag("-V,--version", version(program.get_name()));
  program.require_subcommand(1);
  program.footer(
      "Examples:\n  weft up                       serve the application of ./spin.toml\n"
      "  weft up -f shop/              serve the application in the folder shop\n"
      "  weft up hello.wasm            serve one component at every path");

  weft::cli::UpOptions up;
  std::string tls_certificate, tls_key;
  CLI::App* up_command = program.add_subcommand("up", "Serve an application on this machine")->alias("u");
  up_command->add_option("from,-f,--from", up.from, "A manifest, a folder with a spin.toml, or a .wasm file");
  up_command->add_option("--listen", up.listen, "Address to listen on")
      ->envname("SPIN_HTTP_LISTEN_ADDR")
      ->capture_default_str();
  auto* certificate = up_command->add_option("--tls-cert", tls_certificate, "Certificate chain (PEM); serves https")
                          ->envname("SPIN_TLS_CERT");
  auto* key = up_command->add_option("--tls-key", tls_key, "Private key (PEM)")->envname("SPIN_TLS_KEY");
  certificate->needs(key);
  key->needs(certificate);
  up_command
      ->add_option("--variable", up.variables.variables,
                   "A variable's value: KEY=VALUE, KEY=@FILE, or many: @FILE.json, @FILE.toml")
      ->allow_extra_args(false);
  up_command
      ->add_option("--runtime-config-file", up.variables.runtime_config_file, "Where variables come from, in TOML")
      ->envname("RUNTIME_CONFIG_FILE");
  up_command->add_option("--threads", up.threads, "Threads that serve; 0: one for each core")->capture_default_str();
  up_command->add_option("--cache-dir", up.code.cache_folder, "Folder for compiled code")
      ->envname("WEFT_CACHE_DIR")
      ->capture_default_str();
  up_command->add_flag("--no-cache", up.code.no_cache, "Compile anew and keep nothing");
  up_command->add_flag("--build", up.build, "Build the components before")->envname("SPIN_ALWAYS_BUILD");
  up_command->add_flag("-v,--verbose", up.verbose, "Say more");
  up_command->add_flag("-q,--quiet", up.quiet, "Print no banner");
  up_command->add_flag_callback(
      "--no-bypass", [&up] { up.bypass = weft::component::Bypass::never; },
      "Make each core instance, also one that only passes calls on (to compare)");
  up_command->add_flag("--strict", up.strict, "Refuse what only weft accepts in a manifest");
  up_command->add_option("--max-instance-memory", up.max_memory_bytes, "Bytes each linear memory may have")
      ->envname("SPIN_MAX_INSTANCE_MEMORY")
      ->capture_default_str();
  up_command->add_option("--cpu-limit-ms", up.cpu_limit_ms, "CPU time of one request")->capture_default_str();
  up_command->add_option("--request-timeout-s", up.request_timeout_s, "Time one request may take in all")
      ->capture_default_str();
  double head_timeout_s = 15, body_timeout_s = 60;
  up_command->add_option("--head-timeout-s", head_timeout_s, "Time a client has to send a request's head")
      ->capture_default_str();
  up_command->add_option("--body-timeout-s", body_timeout_s, "Time a client may pause within a request's body")
      ->capture_default_str();
  up_command->add_option("--max-body-bytes", up.http.body_bytes,
                         "Bytes a request's body may have; no limit by default");
  up_command->add_option("--max-connections", up.http.connections, "Connections of one thread at a time")
      ->capture_default_str();
  up_command->add_option("--drain-s", up.drain_s, "Time open requests have after Ctrl-C")->capture_default_str();
  up_command->footer(
      "Examples:\n  weft up --listen 0.0.0.0:8080\n  weft up hello.wasm --tls-cert cert.pem --tls-key key.pem");

  weft::cli::InspectOptions inspect;
  CLI::App* inspect_command =
      program.add_subcommand("inspect", "Say what a component is, needs and exports, and whether it runs here");
  inspect_command->add_option("from", inspect.from, "A .wasm file, a manifest, or a folder with one")->required();
  inspect_command->add_flag("--json", inspect.as_json, "For programs");
  inspect_command->add_flag("--wit", inspect.only_wit, "Its WIT and nothing else");
  inspect_command->add_option("--cache-dir", inspect.code.cache_folder, "Folder for compiled code")
      ->envname("WEFT_CACHE_DIR")
      ->capture_default_str();
  inspect_command->footer("Examples:\n  weft inspect hello.wasm\n  weft inspect hello.wasm --wit > hello.wit");

  bool gaps_as_json = false;
  CLI::App* gaps_command = program.add_subcommand("gaps", "List what weft does not do, and what to do instead");
  gaps_command->add_flag("--json", gaps_as_json, "For programs");

  const weft::cli::Command commands[] = {weft::cli::new_command(program), weft::cli::build_command(program),
                                         weft::cli::templates_command(program), weft::cli::secret_command(program)};

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report(program, error);
  }
  for (const weft::cli::Command& command : commands) {
    if (*command.app) return command.run();
  }
  if (*inspect_command) return weft::cli::inspect(inspect);
  if (*gaps_command) return weft::cli::gaps(gaps_as_json);
  weft::trace_start("command line");
  if (*up_command) {
    const auto milliseconds = [](double s) { return std::chrono::milliseconds(static_cast<std::int64_t>(s * 1000)); };
    up.http.head_timeout = milliseconds(head_timeout_s);
    up.http.body_timeout = milliseconds(body_timeout_s);
    if (!tls_certificate.empty()) up.tls = weft::http::TlsFiles{tls_certificate, tls_key};
    return weft::cli::up(up);
  }
  return 0;
}
