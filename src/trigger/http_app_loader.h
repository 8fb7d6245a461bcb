// Makes a manifest's application ready to serve.
#pragma once

#include <functional>
#include <memory>

#include "component/linked.h"
#include "content/store.h"
#include "manifest/app.h"
#include "provider/key_value.h"
#include "runtime/loader.h"
#include "trigger/http_app.h"
#include "variables/application.h"
#include "wasi/disk_quota.h"

namespace weft::trigger {

// What all applications of a process are loaded with; outlives what is loaded.
struct LoadEnvironment {
  const wasm::Engine& engine;
  runtime::ModuleSource& code;
  const component::HostLinker& linker;
};

// How some components greet some hosts under TLS. For a component and a host the first counts.
struct ClientTlsChoice {
  std::vector<std::string> components;
  std::vector<std::string> hosts;  // as in http::Origin
  std::shared_ptr<const http::ClientTls> tls;
};

// What an application that is loaded again and again needs not make anew each time. Of one environment.
struct Again {
  runtime::KnownPlans plans;
  content::Buffers buffers;
  // The application that was loaded last, and is served: its components are taken over as they are where their binaries
  // say the same. Null: none.
  std::shared_ptr<const HttpApp> before = nullptr;
};

struct LoadOptions {
  runtime::RunLimits limits;
  InstanceReuse reuse;
  component::Bypass bypass = component::Bypass::where_exact;
  bool show_routes = false;  // on a 404 page
  bool show_timing = false;  // in a Server-Timing field
  std::uint64_t generation = 0;
  // Where the application's variables and secrets get their values; empty: variables have their defaults.
  std::function<Result<variables::Sources>(const manifest::App& app)> sources;
  // The stores that there are, by label; null: none.
  std::shared_ptr<const provider::KeyValueLinks> key_value;
  std::vector<ClientTlsChoice> client_tls;
  // Has what URLs of components name; outlives the call. Null: an application that needs it is refused.
  const content::Store* downloads = nullptr;
  // What is kept for loading the application again and again; outlives the call. Null: it is loaded once.
  Again* again = nullptr;
  // Components need no handler, and there is no middleware: their exported functions are called (function_api.h).
  bool api = false;
  std::uint64_t disk_bytes = wasi::default_disk_bytes;  // that one instance may write to its files
};

// Loads every component that a trigger uses. The error has a line or more for each thing that is wrong with any of
// them. Compiles what the code store does not have: may take seconds.
Result<std::shared_ptr<const HttpApp>> load_http_app(const LoadEnvironment& environment, manifest::App app,
                                                     const LoadOptions& options);

}  // namespace weft::trigger
