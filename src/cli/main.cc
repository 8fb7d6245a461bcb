// The weft program: reads the command line and calls the command.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstring>

#include "cli/gaps.h"
#include "cli/inspect.h"
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

// Says what `command` was asked to do, once the line is parsed.
void add_secret(CLI::App& program, weft::cli::SecretOptions& options, int (*&chosen)(const weft::cli::SecretOptions&)) {
  CLI::App* command = program.add_subcommand("secret", "Set, list and delete the secrets of an application");
  command->require_subcommand(1);
  command->footer(
      "A component reads a secret as a variable, once its manifest names it:\n"
      "  [component.NAME.secrets]\n  database_url = { source = \"spin-application\", key = \"database-url\" }\n"
      "Secrets are kept encrypted in .spin/secrets.weft of the application's folder. The key is the user's:\n"
      "~/.config/weft/secrets.key, or the file WEFT_SECRETS_KEY names.\n\n"
      "Examples:\n  weft secret set database-url            asks for the value\n"
      "  weft secret set stripe-key < key.txt    reads it from standard input");
  const auto add = [&](const char* name, const char* what, int (*function)(const weft::cli::SecretOptions&)) {
    CLI::App* sub = command->add_subcommand(name, what);
    sub->add_option("-f,--from", options.from, "A manifest, or a folder with a spin.toml");
    sub->callback([&chosen, function] { chosen = function; });
    return sub;
  };
  CLI::App* set = add("set", "Set a secret; the value is read from standard input", weft::cli::secret_set);
  set->add_option("key", options.key, "Its key: kebab-case or snake_case")->required();
  set->add_option("--from-file", options.file, "Read the value from this file, as it is");
  add("list", "List the keys of all secrets", weft::cli::secret_list);
  add("delete", "Delete a secret", weft::cli::secret_delete)->add_option("key", options.key, "Its key")->required();
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
      "weft runs WebAssembly components: Spin applications, unmodified, on your own machine and in the cloud.", "weft");
  program.set_version_flag("-V,--version", std::string("weft ") + WEFT_VERSION + " (" + WEFT_COMMIT + ")");
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

  weft::cli::SecretOptions secret;
  int (*secret_command)(const weft::cli::SecretOptions&) = nullptr;
  add_secret(program, secret, secret_command);

  CLI11_PARSE(program, argc, argv);
  if (*inspect_command) return weft::cli::inspect(inspect);
  if (secret_command != nullptr) return secret_command(secret);
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
