// The runs that answer one loop's requests: as many at a time as its limits admit; further requests wait their turn.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <unordered_set>

#include "component/instance_source.h"
#include "http/exchange.h"
#include "runtime/run.h"
#include "telemetry/http_metrics.h"
#include "trigger/chained_calls.h"
#include "trigger/http_app.h"
#include "trigger/http_observer.h"
#include "wasi_http/outgoing_handler.h"

namespace weft::trigger {

// How many requests of one loop are served at a time.
struct AdmissionLimits {
  std::size_t instances = 1000;                  // requests that wait for input or output or for their turn
  std::size_t queued = 1000;                     // requests that wait until one of those ends
  std::chrono::milliseconds queued_for{10'000};  // the longest such a wait
  // Of all loops; while it is tight everything queues. Outlives them; null: nobody looks.
  wasm::MemoryGuard* memory = nullptr;
  // Whether instances that have ended are brought back to their beginning and used again (component/instance_source.h).
  bool restores = true;
};

class ApiCall;
class HttpRun;
class InstancePool;

// A request for a component.
struct HttpJob {
  std::shared_ptr<const HttpApp> app;
  const ServedComponent* served = nullptr;  // of the app
  telemetry::HttpSeries* series = nullptr;
  bool cold = false;
  unsigned chain_depth = 0;                      // in the course of how many other requests between components
  std::shared_ptr<InstancePool> pool = nullptr;  // where an instance may be that takes it; null: it has a new one
  std::shared_ptr<http::Exchange> exchange;
  std::shared_ptr<ApiCall> api = nullptr;  // the function that it is for; null: it is for the component's handler
};

// Lives on its loop, and as long as it.
class HttpRuns : Pinned {
 public:
  HttpRuns(Loop& loop, HttpObserver observer, telemetry::HttpLoopMetrics& metrics, const AdmissionLimits& limits)
      : loop_(loop), observer_(std::move(observer)), metrics_(metrics), limits_(limits) {}

  // Runs it now, later, or answers 503 if too many wait.
  void add(HttpJob job);
  // What guests' own requests go out through; without it they are refused. Outlives the loop.
  void set_outbound(const wasi_http::Outbound& outbound) { outbound_ = &outbound; }
  // What guests look up names with; without it they cannot. Outlives the loop.
  void set_resolver(Resolver& resolver) { resolver_ = &resolver; }
  // Who answers a request of one component to another of the application. Such requests do not queue: who asks waits.
  using ServeChained = std::function<void(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<const HttpApp> app,
                                          const ServedComponent& served, unsigned chain_depth)>;
  void set_chained(ServeChained serve) { serve_chained_ = std::move(serve); }
  // Ends runs and waits whose time is over, and the largest runs while memory is tight; counts both. Called now and
  // then.
  void sweep();
  // Instances of other applications take no further requests.
  void retire_others(const HttpApp& app);
  // There are no connections any more: tells when no request is worked for either, which may go on after its response.
  // What is not done by `deadline` is ended.
  void drain(std::chrono::steady_clock::time_point deadline, std::function<void()> drained);

  Loop& loop() { return loop_; }
  const HttpObserver& observer() const { return observer_; }

 private:
  friend class HttpRun;
  using Clock = std::chrono::steady_clock;
  struct Queued {
    HttpJob job;
    Clock::time_point since;
  };
  using Queue = std::list<Queued>;

  void start(HttpJob job);
  void enqueue(HttpJob job);
  void refuse(const HttpJob& job, Clock::time_point since);
  // A request does not wait any more.
  void stopped_waiting();
  void start_queued();
  bool tight() const { return limits_.memory != nullptr && limits_.memory->tight(); }
  // Says that memory was tight, now and then.
  void tell_of_memory(Clock::time_point now);
  // Gives back what is too much.
  void relieve();
  void check_drained(Clock::time_point now);

  Loop& loop_;
  const HttpObserver observer_;
  telemetry::HttpLoopMetrics& metrics_;
  const AdmissionLimits limits_;
  const wasi_http::Outbound* outbound_ = nullptr;
  Resolver* resolver_ = nullptr;
  ServeChained serve_chained_;
  component::InstanceSource instances_{limits_.restores};
  std::unordered_set<std::shared_ptr<HttpRun>> open_;  // those that wait, for what they need or for requests
  std::size_t waiting_ = 0;                            // requests of those
  std::size_t idle_ = 0;                               // of those, without requests
  ChainedCalls chained_{loop_};                        // between those
  Queue queue_;                                        // the oldest first
  bool starting_ = false;                              // start_queued() is posted
  std::function<void()> drained_;                      // told once; empty: it goes on
  Clock::time_point drain_deadline_;
  Clock::time_point told_of_memory_;                 // when it was last said that memory was tight
  std::minstd_rand random_{std::random_device()()};  // for what is drawn for each instance
};

}  // namespace weft::trigger
