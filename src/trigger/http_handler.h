// Serves an HttpApp on one loop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "http/exchange.h"
#include "telemetry/http_metrics.h"
#include "trigger/http_app.h"
#include "wasi_http/outgoing_handler.h"

namespace weft::trigger {

// A request that ended.
struct Access {
  const http::RequestHead& request;
  std::string_view component;  // empty: none
  unsigned status = 0;         // 0: the client left before there was a response
  std::chrono::nanoseconds duration{};
  const host::Account* account = nullptr;  // of the component's run; null: there was none
  bool cold = false;
};

// Where the trigger's messages and guests' output go. Called on the loop's thread.
struct HttpObserver {
  // A line about a request that failed, without newline.
  std::function<void(std::string_view component, std::string_view line)> log;
  // What guests write to their standard streams; null: it is discarded. Outlives the loop.
  wasi::OutputSink* output = nullptr;
  // Every request that ended. Empty: nobody is told.
  std::function<void(const Access& access)> access = {};
};

class HttpHandler final : public http::Handler, Pinned {
 public:
  // `metrics` are the loop's, and of all loops together `all`, for an application that shows its metrics itself; both
  // outlive the handler.
  HttpHandler(Loop& loop, std::shared_ptr<const HttpApp> app, HttpObserver observer,
              telemetry::HttpLoopMetrics& metrics, const telemetry::HttpMetrics& all);

  void handle(std::shared_ptr<http::Exchange> exchange) override;
  // What guests' own requests go out through; without it they are refused. Outlives the handler.
  void set_outbound(const wasi_http::Outbound& outbound) { outbound_ = &outbound; }
  // What guests look up names with; without it they cannot. Outlives what they wait for.
  void set_resolver(Resolver& resolver) { resolver_ = &resolver; }
  // Requests from now on are served by `app`; open ones finish with the one they began with.
  void set_app(std::shared_ptr<const HttpApp> app);
  // Ends runs whose time is over, and counts those that wait. Called now and then by the loop's owner.
  void sweep();

 private:
  class HttpRun;
  using Clock = std::chrono::steady_clock;
  // One of the application's triggers, on this loop.
  struct Target {
    telemetry::HttpSeries* series = nullptr;
    bool* warm = nullptr;  // whether its component has run; null: there is none
  };
  bool handle_well_known(http::Exchange& exchange, std::string_view path);
  void not_found(http::Exchange& exchange);
  void run(std::shared_ptr<http::Exchange> exchange, const ServedComponent& served, const Target& target);
  // Without a component.
  void answered(http::Exchange& exchange, telemetry::HttpSeries& series, Clock::time_point begun);

  Loop& loop_;
  std::shared_ptr<const HttpApp> app_;
  std::vector<http::ResponseHead> static_heads_;  // by index of its triggers
  HttpObserver observer_;
  telemetry::HttpLoopMetrics& metrics_;
  const telemetry::HttpMetrics& all_metrics_;
  telemetry::HttpSeries& unrouted_;
  std::vector<Target> targets_;                                  // by index of App::triggers
  std::unordered_map<const ServedComponent*, bool> components_;  // of app_: whether it has run
  const wasi_http::Outbound* outbound_ = nullptr;
  Resolver* resolver_ = nullptr;
  std::unordered_set<std::shared_ptr<runtime::Run>> open_;  // those that wait
};

}  // namespace weft::trigger
