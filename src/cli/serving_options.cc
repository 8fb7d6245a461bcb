#include "cli/serving_options.h"

#include <chrono>
#include <map>

#include "cli/drawn.h"
#include "http/url.h"

namespace weft::cli {
namespace {

// An option whose text `read` turns into `value`.
template <class T, class Read>
void add_read(CLI::App& app, const char* name, const char* help, T& value, Read read) {
  app.add_option_function<std::string>(
      name,
      [&value, read, name](const std::string& text) {
        auto found = read(text);
        if (!found) throw CLI::ValidationError(name, found.error().message());
        value = *std::move(found);
      },
      help);
}

void add_reuse(CLI::App& app, trigger::InstanceReuse& reuse) {
  add_read(
      app, "--max-instance-reuse-count",
      "Requests that an instance of a WASI 0.3 component serves, 128; 1: each has a new one. Like the next three, a "
      "value or a range from which each instance gets one: 1..8",
      reuse.count, read_drawn_count);
  add_read(app, "--max-instance-concurrent-reuse-count", "Requests that such an instance serves at the same time, 16",
           reuse.concurrent, read_drawn_count);
  add_read(
      app, "--request-timeout",
      "Time until a request is answered, and from there until its work has ended: 2s, 500ms, 100ms..2s; no limit but "
      "--request-timeout-s by default",
      reuse.request_timeout, read_drawn_time);
  add_read(app, "--idle-instance-timeout", "Time that an instance is kept for further requests, 1s", reuse.idle_timeout,
           read_drawn_time);
}

}  // namespace

void ServingOptions::add_to(CLI::App& app, const char* component_flags) {
  app.add_option("from,-f,--from", up.from, "A manifest, a folder with a spin.toml, a lock, or a .wasm file");
  app.add_option("--listen", up.listen, "Address to listen on")
      ->envname("SPIN_HTTP_LISTEN_ADDR")
      ->capture_default_str();
  app.add_flag("--find-free-port", up.find_free_port, "If the port is taken, use the next of ten that is free");
  app.add_option("--format", up.format, "How the address and the routes are printed: plain or json")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, AnnounceFormat>{{"plain", AnnounceFormat::plain}, {"json", AnnounceFormat::json}}))
      ->option_text("plain|json");
  app.add_option("-e,--env", up.application.environment, "KEY=VALUE for every component's environment; repeatable")
      ->allow_extra_args(false);
  app.add_option(component_flags, up.application.components, "Serve this component, and not all; repeatable")
      ->allow_extra_args(false);
  auto* certificate =
      app.add_option("--tls-cert", tls_certificate, "Certificate chain (PEM); serves https")->envname("SPIN_TLS_CERT");
  auto* key = app.add_option("--tls-key", tls_key, "Private key (PEM)")->envname("SPIN_TLS_KEY");
  certificate->needs(key);
  key->needs(certificate);
  app.add_option("--variable", up.variables.variables,
                 "A variable's value: KEY=VALUE, KEY=@FILE, or many: @FILE.json, @FILE.toml")
      ->allow_extra_args(false);
  app.add_option("--runtime-config-file", up.variables.runtime_config_file,
                 "What the site gives, in TOML: variables, stores")
      ->envname("RUNTIME_CONFIG_FILE");
  app.add_option("--threads", up.threads, "Threads that serve; 0: one for each core")->capture_default_str();
  app.add_option("--cache-dir", up.code.cache_folder, "Folder for compiled code")
      ->envname("WEFT_CACHE_DIR")
      ->capture_default_str();
  app.add_option("--metrics-listen", up.metrics_listen,
                 "Address where metrics (/metrics, for Prometheus) and health (/health) are told");
  app.add_flag("--access-log,!--no-access-log", up.access_log,
               "A line on standard error for each request; by default if that is a terminal");
  app.add_flag("--no-cache,--disable-cache", up.code.no_cache, "Compile anew and keep nothing");
  app.add_flag("-v,--verbose", up.verbose, "Say more");
  app.add_option("-L,--log-dir", up.logs.folder,
                 "Folder for what components print; .spin/logs of the application by default; \"\": none")
      ->envname("SPIN_LOG_DIR");
  app.add_flag("--truncate-logs", up.logs.truncate, "Begin with empty log files");
  app.add_option("--follow", up.logs.follow, "Show what this component prints, and no other one. May be repeated")
      ->allow_extra_args(false);
  app.add_flag("-q,--quiet", up.quiet, "Print no banner, and nothing of what components print");
  app.add_flag_callback(
      "--no-bypass", [this] { up.bypass = component::Bypass::never; },
      "Make each core instance, also one that only passes calls on (to compare)");
  app.add_flag(
      "!--no-restore", up.admission.restores,
      "Make each instance anew, also where one that has ended can be brought back to its beginning (to compare)");
  app.add_option("--profile", up.application.profile,
                 "Build and serve with this profile of the components that have it");
  app.add_flag("--strict", up.application.strict, "Refuse what only weft accepts in a manifest");
  app.add_option("--max-instance-memory", up.max_memory_bytes, "Bytes each linear memory may have")
      ->envname("SPIN_MAX_INSTANCE_MEMORY")
      ->capture_default_str();
  app.add_option("--max-memory", up.max_process_memory,
                 "Bytes of memory of the process, beyond which the largest instances are ended; 0: four fifths of what "
                 "the machine or its container has")
      ->capture_default_str();
  app.add_option("--max-disk", up.max_disk_bytes,
                 "Bytes one request may write to the folders of allowed_paths; each new name counts as 4096")
      ->capture_default_str();
  app.add_option("--cpu-limit-ms", up.cpu_limit_ms, "CPU time of one request")->capture_default_str();
  app.add_option("--request-timeout-s", up.request_timeout_s, "Time one request may take in all")
      ->capture_default_str();
  add_reuse(app, up.reuse);
  app.add_option("--head-timeout-s", head_timeout_s, "Time a client has to send a request's head")
      ->capture_default_str();
  app.add_option("--body-timeout-s", body_timeout_s, "Time a client may pause within a request's body")
      ->capture_default_str();
  app.add_option("--max-body-bytes", up.http.body_bytes, "Bytes a request's body may have; no limit by default");
  app.add_option("--max-connections", up.http.connections, "Connections of one thread at a time")
      ->capture_default_str();
  app.add_option("--max-instances", up.admission.instances,
                 "Requests of one thread whose instances may wait for something at a time; others queue")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--max-queued", up.admission.queued, "Requests of one thread that may queue; others get status 503")
      ->capture_default_str();
  app.add_option("--queue-timeout-s", queue_timeout_s, "Time a request may queue before it gets status 503")
      ->capture_default_str();
  app.add_flag_callback("--no-http2", [this] { up.http2 = false; }, "Speak HTTP/1.1 only, both ways");
  app.add_option("--h2c-host", up.http2_prior_knowledge,
                 "HOST:PORT that components ask over HTTP/2 without TLS, where nothing is agreed on; repeatable")
      ->envname("SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        return http::Authority::parse(text) ? std::string() : text + ": expected HOST:PORT, for example 127.0.0.1:8080";
      });
  app.add_option("--state-dir", up.state_dir,
                 "Folder for what stores keep, .spin beside the manifest by default; \"\": in memory");
  app.add_option("--key-value", up.key_values, "Set KEY=VALUE in the default store, or LABEL:KEY=VALUE; repeatable")
      ->allow_extra_args(false);
  app.add_option("--drain-s", up.drain_s, "Time open requests have after Ctrl-C")->capture_default_str();
}

UpOptions ServingOptions::finished() const {
  const auto milliseconds = [](double s) { return std::chrono::milliseconds(static_cast<std::int64_t>(s * 1000)); };
  UpOptions options = up;
  options.http.head_timeout = milliseconds(head_timeout_s);
  options.http.body_timeout = milliseconds(body_timeout_s);
  options.admission.queued_for = milliseconds(queue_timeout_s);
  if (!tls_certificate.empty()) options.tls = http::TlsFiles{tls_certificate, tls_key};
  return options;
}

}  // namespace weft::cli
