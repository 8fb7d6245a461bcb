// Serves an HttpApp on one loop.
#pragma once

#include <chrono>
#include <memory>
#include <unordered_map>
#include <vector>

#include "static_files/file_server.h"
#include "trigger/api_requests.h"
#include "trigger/http_runs.h"

namespace weft::trigger {

class HttpHandler final : public http::Handler, private static_files::Observer, Pinned {
 public:
  // `metrics` are the loop's, and of all loops together `all`, for an application that shows its metrics itself; both
  // outlive the handler.
  HttpHandler(Loop& loop, std::shared_ptr<const HttpApp> app, HttpObserver observer,
              telemetry::HttpLoopMetrics& metrics, const telemetry::HttpMetrics& all, const AdmissionLimits& limits);

  void handle(std::shared_ptr<http::Exchange> exchange) override;
  HttpRuns& runs() { return runs_; }
  // What files are served with; without it there are none. Outlives what waits for it.
  void set_disk(static_files::Disk& disk);
  // Requests from now on are served by `app`; open ones finish with the one they began with.
  void set_app(std::shared_ptr<const HttpApp> app);

 private:
  using Clock = std::chrono::steady_clock;
  // One of its components.
  struct Known {
    bool ran = false;
    std::shared_ptr<InstancePool> pool;        // of instances that serve several requests; null: none does
    telemetry::HttpSeries* chained = nullptr;  // of requests that come by no route
  };
  // One of the application's triggers, on this loop.
  struct Target {
    telemetry::HttpSeries* series = nullptr;
    Known* component = nullptr;  // null: there is none
  };
  bool handle_well_known(http::Exchange& exchange, std::string_view path);
  void not_found(http::Exchange& exchange);
  // A request of another component to http://NAME.spin.internal.
  void serve_chained(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<const HttpApp> app,
                     const ServedComponent& served, unsigned chain_depth);
  // Without a component.
  void answered(http::Exchange& exchange, std::string_view component, telemetry::HttpSeries& series,
                Clock::time_point begun);
  void on_answered(http::Exchange& exchange, telemetry::HttpSeries& series, Clock::time_point begun) override;
  void on_fault(std::string_view line) override;

  std::shared_ptr<const HttpApp> app_;
  std::vector<http::ResponseHead> static_heads_;  // by index of its triggers
  telemetry::HttpLoopMetrics& metrics_;
  const telemetry::HttpMetrics& all_metrics_;
  telemetry::HttpSeries& unrouted_;
  std::vector<Target> targets_;                                   // by index of App::triggers
  std::unordered_map<const ServedComponent*, Known> components_;  // of app_
  std::unique_ptr<static_files::FileServer> files_;
  HttpRuns runs_;
  ApiRequests api_;
};

}  // namespace weft::trigger
