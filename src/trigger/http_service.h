// An application served on all cores: a loop, a server and a client for each.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "http/server.h"
#include "static_files/workers.h"
#include "telemetry/http_metrics.h"
#include "trigger/http_handler.h"
#include "trigger/metrics_listener.h"
#include "util/blocked_networks.h"
#include "util/connection_quota.h"
#include "util/resolver.h"

namespace weft::trigger {

// What components may reach.
struct OutboundOptions {
  BlockedNetworks blocked;
  bool keep_connections = true;  // for further requests
  // Counts connections of all loops; null: there is no limit but each loop's own.
  std::shared_ptr<ConnectionQuota> quota = nullptr;
};

struct ServiceOptions {
  http::ListenOptions listen;
  http::Limits limits;
  AdmissionLimits admission = {};
  // Spoken with clients that choose it, and with servers that components ask, if these do.
  bool http2 = true;
  // See http::DialOptions.
  std::vector<std::string> http2_prior_knowledge = {};
  // Where metrics and the state of health are told; absent: nowhere but as the application says.
  std::optional<http::ListenOptions> metrics_listen = std::nullopt;
  OutboundOptions outbound = {};
  unsigned threads = 0;  // loops; 0: one for each core
  // Told of what no client can be told of: a line, without newline. Called on any loop.
  std::function<void(std::string_view line)> log;
};

class HttpService : Pinned {
 public:
  // Listens when it returns; connections are accepted once run() is called. What the observer has is called on every
  // loop's thread.
  static Result<std::unique_ptr<HttpService>> create(ServiceOptions options, std::shared_ptr<const HttpApp> app,
                                                     const HttpObserver& observer);
  ~HttpService();

  unsigned short port() const { return options_.listen.port; }
  // Where it is reached: "http://127.0.0.1:3000".
  std::string url() const;
  // Of the metrics' listener: "http://127.0.0.1:9090/metrics". Empty: there is none.
  std::string metrics_url() const;
  const telemetry::HttpMetrics& metrics() const { return metrics_; }
  // For what shall run on the caller of run().
  Loop& loop();

  // Serves until drain() is done. The calling thread is that of the first loop.
  void run();

  // From any thread:
  // Requests from now on are served by `app`; open ones finish with the one they began with.
  void set_app(const std::shared_ptr<const HttpApp>& app);
  // Lets open requests finish, and what components do after their responses, for as long as `grace`; run() returns
  // afterwards. Once only.
  void drain(std::chrono::milliseconds grace);

 private:
  struct Worker;
  explicit HttpService(ServiceOptions options);
  Result<void> add_worker(std::shared_ptr<const HttpApp> app, const HttpObserver& observer);

  ServiceOptions options_;
  telemetry::HttpMetrics metrics_;
  std::unique_ptr<MetricsListener> metrics_listener_;
  std::vector<std::unique_ptr<Worker>> workers_;
  // These go before the loops that they answer to.
  Resolver resolver_;
  static_files::Disk disk_;
  std::atomic<std::size_t> serving_ = 0;
};

}  // namespace weft::trigger
