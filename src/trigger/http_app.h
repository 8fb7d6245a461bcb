// An application as the HTTP trigger serves it: an immutable snapshot that every request pins.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "content/snapshot.h"
#include "manifest/app.h"
#include "manifest/routes.h"
#include "provider/key_value.h"
#include "runtime/live_component.h"
#include "runtime/run.h"
#include "static_files/site.h"
#include "trigger/function_api.h"
#include "trigger/handler_call.h"
#include "trigger/instance_reuse.h"
#include "util/error.h"
#include "util/pinned.h"
#include "variables/application.h"
#include "wasi/wasi.h"
#include "wasi_http/outgoing_handler.h"

namespace weft::trigger {

// What the answers of no component are counted and logged under: no component can have that name.
inline constexpr std::string_view static_label = "(static)";

// One component of the application, ready to serve.
struct ServedComponent {
  std::string id;
  std::shared_ptr<const runtime::LiveComponent> linked;
  HttpHandlerExport handler;               // its export that answers
  std::shared_ptr<const FunctionApi> api;  // in place of that: its functions are called; null: they are not
  std::unique_ptr<const host::Grants> grants;
  std::unique_ptr<const variables::ComponentVariables> variables;  // null: it has none
  wasi::WasiSetup wasi;
  std::unique_ptr<content::Snapshot> files;                  // what wasi.mounts has at "/"; null: nothing
  std::shared_ptr<const provider::KeyValueLinks> key_value;  // null: it is granted no store
  wasi_http::TlsByHost tls;                                  // servers it greets in a way of their own
  // Of a component whose requests are answered by a command: what the command's arguments are.
  std::optional<std::string> wagi_argv;
};

// Shared by all loops; thread-safe: nothing changes after it is made.
struct HttpApp : Pinned {
  manifest::App app;
  std::unique_ptr<const variables::Variables> variables;  // of the application
  manifest::RouteTable routes;
  std::map<std::string, ServedComponent, std::less<>> components;
  // By index of App::triggers; null for what has no component.
  std::vector<const ServedComponent*> by_trigger;
  std::vector<std::shared_ptr<const static_files::Site>> sites;  // the same; null but for `static_files`
  runtime::RunLimits limits;
  InstanceReuse reuse;
  std::uint64_t generation = 0;
  // Show routes on a 404 page: for development.
  bool show_routes = false;
  // Say in a Server-Timing field what a response cost: for development.
  bool show_timing = false;
  // The path at which the application shows its metrics; empty: it does not.
  std::string metrics_path;
};

}  // namespace weft::trigger
