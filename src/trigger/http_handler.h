// Serves an HttpApp on one loop.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "http/exchange.h"
#include "trigger/http_app.h"
#include "wasi_http/outgoing_handler.h"

namespace weft::trigger {

// Where the trigger's messages and guests' output go. Called on the loop's thread.
struct HttpObserver {
  // A line about a request that failed, without newline.
  std::function<void(std::string_view component, std::string_view line)> log;
  // What guests write to their standard streams; null: it is discarded. Outlives the loop.
  wasi::OutputSink* output = nullptr;
};

class HttpHandler final : public http::Handler, Pinned {
 public:
  HttpHandler(Loop& loop, std::shared_ptr<const HttpApp> app, HttpObserver observer)
      : loop_(loop), observer_(std::move(observer)) {
    set_app(std::move(app));
  }

  void handle(std::shared_ptr<http::Exchange> exchange) override;
  // What guests' own requests go out through; without it they are refused. Outlives the handler.
  void set_outbound(const wasi_http::Outbound& outbound) { outbound_ = &outbound; }
  // What guests look up names with; without it they cannot. Outlives what they wait for.
  void set_resolver(Resolver& resolver) { resolver_ = &resolver; }
  // Requests from now on are served by `app`; open ones finish with the one they began with.
  void set_app(std::shared_ptr<const HttpApp> app);
  // Ends runs whose time is over. Called now and then by the loop's owner.
  void sweep();

 private:
  class HttpRun;
  bool handle_well_known(http::Exchange& exchange, std::string_view path);
  void not_found(http::Exchange& exchange);
  void run(std::shared_ptr<http::Exchange> exchange, const ServedComponent& served);

  Loop& loop_;
  std::shared_ptr<const HttpApp> app_;
  std::vector<http::ResponseHead> static_heads_;  // by index of its triggers
  HttpObserver observer_;
  const wasi_http::Outbound* outbound_ = nullptr;
  Resolver* resolver_ = nullptr;
  std::unordered_set<std::shared_ptr<runtime::Run>> open_;  // those that wait
};

}  // namespace weft::trigger
