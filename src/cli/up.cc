#include "cli/up.h"

#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "bind/registry.h"
#include "cli/application.h"
#include "cli/component_files.h"
#include "cli/services.h"
#include "cli/terminal.h"
#include "cli/unserved.h"
#include "content/folder.h"
#include "manifest/allowed_host.h"
#include "runtime/loader.h"
#include "runtime/ticker.h"
#include "trigger/http_handler.h"
#include "util/start_trace.h"
#include "wasi/wasi.h"

namespace weft::cli {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

// What the manifest grants a component.
class ManifestGrants final : public host::Grants {
 public:
  ManifestGrants(manifest::AllowedHosts hosts, std::vector<manifest::Template> entries, std::string component)
      : hosts_(std::move(hosts)), entries_(std::move(entries)), component_(std::move(component)) {}
  host::Decision decide(host::Capability capability, const host::Target& target) const override {
    if (capability == host::Capability::directory)
      return {false, "directories are granted when an instance is made", ""};
    const bool to_self = capability == host::Capability::outbound_http && target.host.empty();
    const auto port = static_cast<std::uint16_t>(target.port);
    if (to_self ? hosts_.allows_self() : hosts_.allows(target.scheme, target.host, port)) {
      return {true, "allowed_outbound_hosts", ""};
    }
    const std::string entry = to_self ? "http://self" : manifest::entry_for(target.scheme, target.host, port);
    const std::string lines = manifest::manifest_lines_for(component_, entries_, entry);
    return {false, "not in allowed_outbound_hosts of component " + component_,
            lines.substr(lines.find('\n') + 1) + " under [component." + component_ + "]"};
  }

 private:
  manifest::AllowedHosts hosts_;
  std::vector<manifest::Template> entries_;  // as the manifest has them
  std::string component_;
};

Result<std::shared_ptr<trigger::HttpApp>> make_app(manifest::App app, const UpOptions& options,
                                                   const wasm::Engine& engine, runtime::CodeStore& code,
                                                   const bind::Registry& registry) {
  auto made = std::make_shared<trigger::HttpApp>();
  made->show_routes = true;
  made->limits.store.memory_bytes = options.max_memory_bytes;
  made->limits.cpu = std::chrono::milliseconds(options.cpu_limit_ms);
  made->limits.wall = std::chrono::seconds(options.request_timeout_s);
  made->app = std::move(app);
  TRY(made->routes, manifest::RouteTable::build(made->app));
  TRY(const auto store, content::FolderStore::create(made->app.root));
  const auto open_files = wasi::OpenFileLimit::of_process();
  std::string faults;
  auto fault = [&](const Error& error) {
    if (!faults.empty()) faults += "\n";
    faults += error.message();
  };
  for (const Error& refusal : unserved(made->app)) fault(refusal);
  for (const manifest::Component& component : made->app.components) {
    if (!component.used) continue;
    const auto* local = std::get_if<manifest::LocalSource>(&component.source);
    if (local == nullptr) continue;  // reported as unserved
    const fs::path path = made->app.root / local->path;
    auto served = [&]() -> Result<trigger::ServedComponent> {
      trigger::ServedComponent out;
      out.id = component.id;
      TRY(auto bytes, content::read(*store, {local->path.string()}, max_component_bytes));
      TRY(out.linked, runtime::load_component(engine, code, registry, std::move(bytes), path, options.bypass));
      auto handle = trigger::find_http_handler(out.linked->plan());
      if (!handle) return std::unexpected(std::move(handle).error().context(path.string()));
      out.handle = *handle;
      std::vector<manifest::Template> entries;
      for (const auto& entry : component.allowed_outbound_hosts) entries.push_back(entry.entry);
      auto lookup = [&](std::string_view name) -> Result<std::string> {
        const manifest::Variable* variable = made->app.find_variable(name);
        if (variable == nullptr || !variable->default_value) {
          return fail(Errc::not_found, "variable " + std::string(name) + " has no value");
        }
        return *variable->default_value;
      };
      TRY(auto hosts, manifest::AllowedHosts::expand(entries, lookup));
      out.grants = std::make_unique<ManifestGrants>(std::move(hosts), std::move(entries), component.id);
      for (const auto& variable : component.environment) {
        TRY(auto value, variable.value.expand(lookup));
        out.wasi.environment.emplace_back(variable.name, std::move(value));
      }
      CHECK_OK(give_files(made->app, component, *store, open_files, out));
      return out;
    }();
    if (!served) {
      Error error = std::move(served).error();
      if (error.code() == Errc::not_found && component.build) {
        fault(Error(error.code(), error.message() + "; build it first: " + component.build->commands.front()));
      } else {
        fault(error);
      }
      continue;
    }
    made->components.emplace(component.id, *std::move(served));
  }
  if (!faults.empty()) return fail(Errc::invalid, std::move(faults));
  for (const manifest::Trigger& trigger : made->app.triggers) {
    auto found = made->components.find(trigger.component);
    made->by_trigger.push_back(found == made->components.end() ? nullptr : &found->second);
  }
  return made;
}

// One loop with its server, on a thread of its own.
struct Worker {
  Loop loop{1};
  std::unique_ptr<http::Client> client;
  wasi_http::Outbound outbound;
  std::unique_ptr<trigger::HttpHandler> handler;
  std::unique_ptr<http::Server> server;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> timer{
      loop};

  void sweep() {
    timer.expires_after(std::chrono::milliseconds(200));
    timer.async_wait([this](auto error) {
      if (error) return;
      handler->sweep();
      sweep();
    });
  }
};

// Where a process reaches what it serves itself.
http::Origin self_origin(const http::ListenOptions& listen) {
  http::Origin origin{.tls = listen.tls.has_value(), .host = listen.host, .port = listen.port};
  if (origin.host == "0.0.0.0") origin.host = "127.0.0.1";
  if (origin.host == "::") origin.host = "::1";
  return origin;
}

bool split_address(const std::string& listen, http::ListenOptions& out) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return false;
  out.host = listen.substr(0, colon);
  if (out.host.size() > 2 && out.host.front() == '[') out.host = out.host.substr(1, out.host.size() - 2);
  const char* end = listen.data() + listen.size();
  auto [at, error] = std::from_chars(listen.data() + colon + 1, end, out.port);
  return error == std::errc() && at == end && !out.host.empty();
}

}  // namespace

int up(const UpOptions& options) {
  http::ListenOptions listen;
  if (!split_address(options.listen, listen)) {
    complain("--listen " + options.listen + ": expected HOST:PORT, for example 127.0.0.1:3000");
    return 2;
  }
  listen.tls = options.tls;
  auto app = load_application(options.from, options.strict);
  if (!app) return 1;
  trace_start("manifest");
  auto engine = wasm::Engine::create({});
  if (!engine) {
    complain(engine.error().message());
    return 1;
  }
  trace_start("engine");
  bind::Registry registry;
  add_services(registry);
  trace_start("registry");
  auto code = open_code_store(**engine, options.code, [](std::string_view line) {
    std::fprintf(stderr, "Warning: %.*s\n", static_cast<int>(line.size()), line.data());
  });
  trace_start("cache");
  auto served = make_app(*std::move(app), options, **engine, *code, registry);
  if (!served) {
    complain(served.error().message());
    return 1;
  }
  if (options.verbose) {
    const auto counts = code->counts();
    std::fprintf(stderr, "core modules: %u compiled, %u from the cache, %u shared\n", counts.compiled, counts.cached,
                 counts.shared);
  }
  trace_start("components");
  runtime::Ticker ticker(**engine);
  Terminal terminal(STDERR_FILENO);

  const unsigned threads = options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<Worker>> workers;
  http::Resolver resolver;  // goes before the loops that it answers to
  for (unsigned i = 0; i < threads; ++i) {
    auto worker = std::make_unique<Worker>();
    trigger::HttpObserver observer{
        .log = [&terminal](std::string_view component, std::string_view line) { terminal.say(component, line); },
        .output = &terminal};
    worker->handler = std::make_unique<trigger::HttpHandler>(worker->loop, *served, std::move(observer));
    worker->client = std::make_unique<http::Client>(worker->loop, resolver);
    http::ServerOptions server_options;
    server_options.limits = options.http;
    server_options.log = [](std::string_view line) { complain(line); };
    worker->server = std::make_unique<http::Server>(worker->loop, std::move(server_options), *worker->handler);
    auto port = worker->server->listen(listen);
    if (!port) {
      complain(port.error().message());
      return 1;
    }
    listen.port = *port;
    listen.join = true;
    worker->outbound = {.client = worker->client.get(), .self = self_origin(listen)};
    worker->handler->set_outbound(worker->outbound);
    worker->sweep();
    workers.push_back(std::move(worker));
  }

  trace_start("listening");
  const std::string host = listen.host.find(':') != std::string::npos ? "[" + listen.host + "]" : listen.host;
  const std::string base = (listen.tls ? "https://" : "http://") + host + ":" + std::to_string(listen.port);
  if (!options.quiet) {
    std::printf("\nServing %s\nAvailable Routes:\n", base.c_str());
    for (const auto& entry : (*served)->routes.entries()) {
      const manifest::Trigger& trigger = (*served)->app.triggers[entry.trigger];
      const std::string name = trigger.component.empty() ? trigger.id : trigger.component;
      std::printf("  %s: %s%s%s\n", name.c_str(), base.c_str(), std::string(entry.route.base()).c_str(),
                  entry.route.wildcard() ? " (wildcard)" : "");
      const manifest::Component* component = (*served)->app.find_component(trigger.component);
      if (component != nullptr && !component->description.empty())
        std::printf("    %s\n", component->description.c_str());
    }
    std::fflush(stdout);
  }

  // The first signal drains, a second one ends at once.
  asio::signal_set signals(workers[0]->loop, SIGINT, SIGTERM);
  std::atomic<bool> draining = false;
  std::atomic<std::size_t> serving = workers.size();
  std::function<void()> wait_for_signal = [&] {
    signals.async_wait([&](auto error, int) {
      if (error) return;
      if (draining.exchange(true)) std::_Exit(130);
      for (auto& worker : workers) {
        asio::post(worker->loop, [&, &worker = worker, grace = std::chrono::seconds(options.drain_s)] {
          worker->server->drain(grace, [&] {
            // The first loop hears signals until the last one is done.
            if (--serving > 0) return;
            for (auto& each : workers) each->loop.stop();
          });
        });
      }
      wait_for_signal();
    });
  };
  wait_for_signal();

  std::vector<std::jthread> pool;
  for (std::size_t i = 1; i < workers.size(); ++i) pool.emplace_back([&loop = workers[i]->loop] { loop.run(); });
  workers[0]->loop.run();
  pool.clear();
  return 0;
}

}  // namespace weft::cli
