#include "trigger/http_service.h"

#include <boost/asio/post.hpp>
#include <thread>

#include "http/client.h"
#include "http2/client_session.h"
#include "http2/server_session.h"
#include "util/timer.h"

namespace weft::trigger {
namespace {

namespace asio = boost::asio;

// How often runs whose time is over are looked for.
constexpr std::chrono::milliseconds sweep_interval{200};

// Where a process reaches what it serves itself.
http::Origin self_origin(const http::ListenOptions& listen) {
  http::Origin origin{.tls = listen.tls.has_value(), .host = listen.host, .port = listen.port};
  if (origin.host == "0.0.0.0") origin.host = "127.0.0.1";
  if (origin.host == "::") origin.host = "::1";
  return origin;
}

// `options` outlives the client.
http::ClientOptions client_options(const ServiceOptions& options) {
  http::ClientOptions client;
  client.pool.keep = options.outbound.keep_connections;
  client.pool.quota = options.outbound.quota;
  if (!options.outbound.blocked.empty()) {
    client.dial.allow_address = [&blocked = options.outbound.blocked](const auto& address) {
      return !blocked.contains(address);
    };
  }
  if (options.http2) client.dial.http2 = http2::client_sessions();
  client.dial.http2_prior_knowledge = options.http2_prior_knowledge;
  return client;
}

std::string url_of(const http::ListenOptions& listen) {
  const std::string host = listen.host.contains(':') ? "[" + listen.host + "]" : listen.host;
  return (listen.tls ? "https://" : "http://") + host + ":" + std::to_string(listen.port);
}

}  // namespace

struct HttpService::Worker {
  Loop loop{1};
  std::unique_ptr<http::Client> client;
  wasi_http::Outbound outbound;
  std::unique_ptr<HttpHandler> handler;
  std::unique_ptr<http::Server> server;
  telemetry::HttpLoopMetrics* metrics = nullptr;
  Timer timer{loop};

  void sweep() {
    timer.expires_after(sweep_interval);
    timer.async_wait([this](auto error) {
      if (error) return;
      handler->runs().sweep();
      metrics->connections.set(static_cast<std::int64_t>(server->connections()));
      sweep();
    });
  }
};

HttpService::HttpService(ServiceOptions options) : options_(std::move(options)) {}
HttpService::~HttpService() = default;

Result<std::unique_ptr<HttpService>> HttpService::create(ServiceOptions options, std::shared_ptr<const HttpApp> app,
                                                         const HttpObserver& observer) {
  if (options.threads == 0) options.threads = std::max(1u, std::thread::hardware_concurrency());
  std::unique_ptr<HttpService> service(new HttpService(std::move(options)));
  for (unsigned i = 0; i < service->options_.threads; ++i) CHECK_OK(service->add_worker(app, observer));
  if (service->options_.metrics_listen) {
    TRY(service->metrics_listener_,
        MetricsListener::create(*service->options_.metrics_listen, service->metrics_, service->options_.log));
  }
  return service;
}

Result<void> HttpService::add_worker(std::shared_ptr<const HttpApp> app, const HttpObserver& observer) {
  http::ListenOptions& listen = options_.listen;
  auto worker = std::make_unique<Worker>();
  worker->metrics = &metrics_.add_loop();
  worker->handler = std::make_unique<HttpHandler>(worker->loop, std::move(app), observer, *worker->metrics, metrics_,
                                                  options_.admission);
  worker->client = std::make_unique<http::Client>(worker->loop, resolver_, client_options(options_));
  worker->server = std::make_unique<http::Server>(
      worker->loop,
      http::ServerOptions{.limits = options_.limits,
                          .log = options_.log,
                          .http2 = options_.http2 ? http2::server_sessions() : http::MakeConnection()},
      *worker->handler);
  TRY(listen.port, worker->server->listen(listen));
  listen.join = true;
  worker->outbound = {.client = worker->client.get(),
                      .self = self_origin(listen),
                      .blocked = &options_.outbound.blocked,
                      .quota = options_.outbound.quota.get()};
  worker->handler->runs().set_outbound(worker->outbound);
  worker->handler->runs().set_resolver(resolver_);
  worker->handler->set_disk(disk_);
  worker->sweep();
  workers_.push_back(std::move(worker));
  ++serving_;
  return {};
}

std::string HttpService::url() const {
  return url_of(options_.listen);
}

std::string HttpService::metrics_url() const {
  if (metrics_listener_ == nullptr) return {};
  http::ListenOptions listen = *options_.metrics_listen;
  listen.port = metrics_listener_->port();
  return url_of(listen) + "/metrics";
}

Loop& HttpService::loop() {
  return workers_.front()->loop;
}

void HttpService::run() {
  std::vector<std::jthread> pool;
  for (std::size_t i = 1; i < workers_.size(); ++i) pool.emplace_back([&loop = workers_[i]->loop] { loop.run(); });
  loop().run();
}

void HttpService::set_app(const std::shared_ptr<const HttpApp>& app) {
  for (const auto& worker : workers_)
    asio::post(worker->loop, [&worker = *worker, app] { worker.handler->set_app(app); });
}

void HttpService::drain(std::chrono::milliseconds grace) {
  // The first loop hears signals until the last one is done.
  const auto drained = [this] {
    if (--serving_ > 0) return;
    for (const auto& each : workers_) each->loop.stop();
  };
  for (const auto& worker : workers_) {
    asio::post(worker->loop, [&worker = *worker, grace, drained] {
      const auto deadline = std::chrono::steady_clock::now() + grace;
      worker.server->drain(grace, [&worker, deadline, drained] { worker.handler->runs().drain(deadline, drained); });
    });
  }
}

}  // namespace weft::trigger
