#include "cli/up.h"

#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <cstdio>
#include <thread>
#include <utility>

#include "bind/registry.h"
#include "cli/access_log.h"
#include "cli/announce.h"
#include "cli/build.h"
#include "cli/command.h"
#include "cli/downloads.h"
#include "cli/key_value_stores.h"
#include "cli/link_control.h"
#include "cli/outbound.h"
#include "cli/services.h"
#include "cli/state_folder.h"
#include "cli/targets.h"
#include "cli/terminal.h"
#include "gaps/gaps.h"
#include "runtime/ticker.h"
#include "trigger/http_app_loader.h"
#include "trigger/http_service.h"
#include "util/start_trace.h"

namespace weft::cli {
namespace {

namespace asio = boost::asio;

bool split_address(const std::string& listen, http::ListenOptions& out) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return false;
  out.host = listen.substr(0, colon);
  if (out.host.size() > 2 && out.host.front() == '[') out.host = out.host.substr(1, out.host.size() - 2);
  const char* end = listen.data() + listen.size();
  auto [at, error] = std::from_chars(listen.data() + colon + 1, end, out.port);
  return error == std::errc() && at == end && !out.host.empty();
}

void tell(std::string_view lines) {
  std::fwrite(lines.data(), 1, lines.size(), stderr);
}

void warn(std::string_view message) {
  std::fprintf(stderr, "Warning: %.*s\n", static_cast<int>(message.size()), message.data());
}

// What the runtime configuration gives: stores, and what of the network may be reached in which way.
struct Site {
  std::unique_ptr<const content::Store> downloads = open_downloads();
  std::unique_ptr<KeyValueStores> stores;
  Outbound outbound;
};

Result<Site> open_site(const UpOptions& options, const manifest::App& app) {
  TRY(auto config, read_runtime_config(options.variables.runtime_config_file, tell));
  Site site;
  TRY(site.outbound, outbound_of(config));
  TRY(site.stores, KeyValueStores::create(state_folder(app, options.state_dir), std::move(config)));
  return site;
}

// `options` and `guard` outlive the result.
trigger::LoadOptions load_options(const UpOptions& options, const Site& site, const wasm::MemoryGuard& guard) {
  trigger::LoadOptions load;
  load.key_value = site.stores->links();
  load.client_tls = site.outbound.client_tls;
  load.downloads = site.downloads.get();
  load.bypass = options.bypass;
  load.api = options.api;
  load.show_routes = true;
  load.show_timing = true;
  load.limits.store.memory_bytes = options.max_memory_bytes;
  load.limits.store.guard = &guard;
  load.disk_bytes = options.max_disk_bytes;
  load.limits.cpu = std::chrono::milliseconds(options.cpu_limit_ms);
  load.limits.wall = std::chrono::seconds(options.request_timeout_s);
  load.reuse = options.reuse;
  load.sources = [&options](const manifest::App& app) { return open_sources(app, options.variables, warn); };
  return load;
}

void warn_of_calls(const std::string& id, const component::LinkedComponent& component) {
  if (component.fails_calling().empty()) return;
  std::string text = "Warning: component " + id + " runs, but fails when it calls what it";
  for (const std::string& line : component.fails_calling()) text += "\n  " + line;
  std::fprintf(stderr, "%s\n", text.c_str());
}

// An application that asks for it is served all the same: no answer depends on it.
void warn_of_telemetry(const manifest::App& app) {
  if (!app.otel || !app.otel->enabled) return;
  const std::string place = app.file.filename().string() + ":" + std::to_string(app.otel->at.line);
  warn(gaps::refuse(gaps::Gap::telemetry_export, place + ": application.otel: telemetry is not sent").message());
}

// What a bare component prints is only shown, unless a folder is named.
std::string log_folder(const UpOptions& options, const manifest::App& app) {
  if (options.logs.folder) return *options.logs.folder;
  if (is_bare(app)) return "";
  return (app.root / ".spin/logs/").lexically_normal().string();
}

// With `find_free_port`, on the first port from the given one on that is free.
Result<std::unique_ptr<trigger::HttpService>> create_service(trigger::ServiceOptions options, bool find_free_port,
                                                             const std::shared_ptr<const trigger::HttpApp>& served,
                                                             const trigger::HttpObserver& observer) {
  constexpr int ports = 10;
  for (int tried = 1;; ++tried, ++options.listen.port) {
    auto service = trigger::HttpService::create(options, served, observer);
    if (service || !find_free_port || tried == ports || options.listen.port == UINT16_MAX ||
        service.error().code() != Errc::unavailable)
      return service;
  }
}

}  // namespace

ServeEnd serve(manifest::App app, const UpOptions& options, const Alongside& alongside) {
  http::ListenOptions listen;
  if (!split_address(options.listen, listen)) {
    complain("--listen " + options.listen + ": expected HOST:PORT, for example 127.0.0.1:3000");
    return {exit_usage};
  }
  listen.tls = options.tls;
  std::optional<http::ListenOptions> metrics_listen;
  if (!options.metrics_listen.empty() && !split_address(options.metrics_listen, metrics_listen.emplace())) {
    complain("--metrics-listen " + options.metrics_listen + ": expected HOST:PORT, for example 127.0.0.1:9090");
    return {exit_usage};
  }
  auto engine = wasm::Engine::create({});
  if (!engine) {
    complain(engine.error().message());
    return {exit_failed};
  }
  trace_start("engine");
  bind::Registry registry;
  add_services(registry);
  trace_start("registry");
  // For who waits for every change; a machine that cannot have it does without.
  std::unique_ptr<wasm::Engine> winch;
  if (alongside) {
    auto made =
        wasm::Engine::create({.parallel_compilation = wasm::compiles_in_parallel, .effort = wasm::Effort::winch});
    if (made) winch = *std::move(made);
  }
  auto code = open_code_store(**engine, options.code, warn, runtime::CodeStore::First::quick, winch.get());
  trace_start("cache");
  wasm::MemoryGuard guard(options.max_process_memory);
  const trigger::LoadEnvironment environment{**engine, *code, registry};
  // Gone before the loops, whose calls it answers.
  auto site = open_site(options, app);
  if (!site) {
    complain(site.error().message());
    return {exit_failed, true};
  }
  std::unique_ptr<KeyValueStores>& stores = site->stores;
  trigger::LoadOptions load = load_options(options, *site, guard);
  trigger::Again again;
  if (alongside) load.again = &again;
  auto served = trigger::load_http_app(environment, std::move(app), load);
  if (!served) {
    complain(served.error().message());
    return {exit_failed, true};
  }
  for (const auto& [id, component] : (*served)->components) warn_of_calls(id, *component.linked->current());
  warn_of_telemetry((*served)->app);
  if (options.verbose) {
    const auto counts = code->counts();
    std::fprintf(stderr, "core modules: %u compiled, %u from the cache, %u shared\n", counts.compiled, counts.cached,
                 counts.shared);
    if (counts.winch > 0) std::fprintf(stderr, "compiled for the moment: %u\n", counts.winch);
  }
  if (auto set = stores->preset(options.key_values); !set) {
    complain(set.error().message());
    return {exit_failed, true};
  }
  trace_start("components");
  runtime::Ticker ticker(**engine, &guard, winch.get());
  Terminal terminal(STDERR_FILENO);
  const std::string folder = log_folder(options, (*served)->app);
  if (!folder.empty() && !options.quiet) std::fprintf(stderr, "Logging component stdio to \"%s\"\n", folder.c_str());
  ComponentLogs logs(folder, options.logs, options.quiet ? nullptr : &terminal, warn);

  trigger::HttpObserver observer{
      .log = [&terminal](std::string_view component, std::string_view line) { terminal.say(component, line); },
      .output = &logs};
  if (options.access_log.value_or(isatty(STDERR_FILENO) != 0)) {
    observer.access = [&terminal](const trigger::Access& access) {
      terminal.say(access.component.empty() ? "-" : access.component, access_line(access));
    };
  }
  trigger::AdmissionLimits admission = options.admission;
  admission.memory = &guard;
  const trigger::ServiceOptions service_options{.listen = std::move(listen),
                                                .limits = options.http,
                                                .admission = admission,
                                                .http2 = options.http2,
                                                .http2_prior_knowledge = options.http2_prior_knowledge,
                                                .metrics_listen = std::move(metrics_listen),
                                                .outbound = site->outbound.service,
                                                .threads = options.threads,
                                                .log = complain};
  auto service = create_service(service_options, options.find_free_port, *served, observer);
  if (!service) {
    complain(service.error().message());
    return {exit_failed};
  }
  trace_start("listening");
  // The first signal drains, a second one ends at once.
  asio::signal_set signals((*service)->loop(), SIGINT, SIGTERM);
  bool draining = false;
  std::function<void()> wait_for_signal = [&] {
    signals.async_wait([&](auto error, int) {
      if (error) return;
      if (std::exchange(draining, true)) std::_Exit(130);
      (*service)->drain(std::chrono::seconds(options.drain_s));
      wait_for_signal();
    });
  };
  wait_for_signal();
  auto control = open_link_control(options.state_dir, **served, (*service)->loop(), *stores, warn);
  // All that somebody may do who reads that it serves is possible now.
  if (!options.quiet) {
    announce_stores(**served);
    announce(**service, **served, options.format);
  }
  std::jthread beside;
  if (alongside) {
    beside = std::jthread([&](const std::stop_token& stop) {
      again.before = *served;
      alongside(stop, [&](manifest::App next) -> Result<void> {
        ++load.generation;
        TRY(auto loaded, trigger::load_http_app(environment, std::move(next), load));
        for (const auto& [id, component] : loaded->components) warn_of_calls(id, *component.linked->current());
        (*service)->set_app(loaded);
        again.before = std::move(loaded);
        return {};
      });
    });
  }
  (*service)->run();
  beside = std::jthread();  // it loads with the stores
  control.reset();
  stores.reset();
  return {};
}

int up(const UpOptions& options) {
  auto app = load_application(options.from, options.application);
  if (!app) return exit_failed;
  if (options.build) {
    if (!build_application(*app, {})) return exit_failed;
  } else {
    warn_of_other_profile(*app);
    warn_of_targets(*app);
  }
  trace_start("manifest");
  return serve(*std::move(app), options).exit_code;
}

}  // namespace weft::cli
