// `weft up`: serves an application on this machine.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/announce.h"
#include "cli/application.h"
#include "cli/code_options.h"
#include "cli/component_logs.h"
#include "cli/variable_sources.h"
#include "component/plan.h"
#include "http/server.h"
#include "trigger/http_runs.h"
#include "trigger/instance_reuse.h"
#include "util/error.h"
#include "wasi/disk_quota.h"

namespace weft::cli {

struct UpOptions {
  std::string from = "spin.toml";  // a manifest, a folder with one, or a .wasm file
  std::string listen = "127.0.0.1:3000";
  std::optional<http::TlsFiles> tls;
  bool find_free_port = false;
  AnnounceFormat format = AnnounceFormat::plain;
  std::string metrics_listen;      // empty: nowhere
  std::optional<bool> access_log;  // absent: when standard error is a terminal
  unsigned threads = 0;            // 0: one for each core
  CodeOptions code;
  VariableOptions variables;
  LogOptions logs;
  bool quiet = false;
  bool verbose = false;  // say where each component's code comes from
  ApplicationOptions application;
  bool api = false;    // serve the exported functions of components, and no handlers
  bool build = false;  // run the components' build commands first
  component::Bypass bypass = component::Bypass::where_exact;
  std::uint64_t max_memory_bytes = 128ull << 20;            // of one linear memory
  std::uint64_t max_process_memory = 0;                     // 0: as the machine has
  std::uint64_t max_disk_bytes = wasi::default_disk_bytes;  // that one instance may write
  unsigned cpu_limit_ms = 10'000;
  unsigned request_timeout_s = 600;
  trigger::InstanceReuse reuse;
  unsigned drain_s = 10;
  // Where stores keep their files; empty: nowhere, they are in memory. None: .spin beside the manifest.
  std::optional<std::string> state_dir;
  std::vector<std::string> key_values;  // --key-value: set before anything is served
  http::Limits http;
  trigger::AdmissionLimits admission;
  bool http2 = true;
  std::vector<std::string> http2_prior_knowledge;  // see trigger::ServiceOptions
};

// Serves another version of the application from now on; open requests finish with the one they began with. After an
// error the version from before is served on.
using Reload = std::function<Result<void>(manifest::App app)>;
// Runs on a thread of its own as long as the application is served, until it is told to stop.
using Alongside = std::function<void(const std::stop_token& stop, const Reload& reload)>;

struct ServeEnd {
  int exit_code = 0;
  // Nothing was served, but another version of the application may be.
  bool application_at_fault = false;
};

// Serves `app` until a signal ends it. Everything is reported on standard output and error.
ServeEnd serve(manifest::App app, const UpOptions& options, const Alongside& alongside = {});

// Loads the application, builds it if that is asked for, and serves it until a signal ends it. Returns the exit code;
// everything is reported on standard output and error.
int up(const UpOptions& options);

}  // namespace weft::cli
