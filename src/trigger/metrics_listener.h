// The listener that operators ask: metrics and health, apart from applications' own traffic.
//
//   GET /metrics                   in Prometheus' text format
//   GET /health                    "OK" while the process runs; /.well-known/spin/health too, as on every listener
#pragma once

#include <memory>
#include <thread>

#include "http/server.h"
#include "telemetry/http_metrics.h"

namespace weft::trigger {

// Has a thread and a loop of its own: it answers however busy those of the applications are.
class MetricsListener : Pinned {
 public:
  // `metrics` outlives it. `log`: as in http::ServerOptions; called on its thread.
  static Result<std::unique_ptr<MetricsListener>> create(const http::ListenOptions& listen,
                                                         const telemetry::HttpMetrics& metrics,
                                                         std::function<void(std::string_view line)> log);
  ~MetricsListener();

  unsigned short port() const { return port_; }

 private:
  class Handler;
  MetricsListener(const telemetry::HttpMetrics& metrics, std::function<void(std::string_view line)> log);

  Loop loop_{1};
  std::unique_ptr<Handler> handler_;
  std::unique_ptr<http::Server> server_;
  unsigned short port_ = 0;
  std::jthread thread_;
};

}  // namespace weft::trigger
