// What one request, or one run of a command, carries through every host call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "host/authorize.h"
#include "host/clocks.h"
#include "host/trace.h"
#include "telemetry/http_metrics.h"
#include "util/async.h"
#include "util/blocked_networks.h"
#include "util/connection_quota.h"
#include "util/pinned.h"
#include "util/resolver.h"

namespace weft::host {

// What the request used. Plain counters: one request runs on one thread.
struct Account {
  std::uint64_t cpu_nanoseconds = 0;    // inside the guest and the host functions it called
  std::uint64_t peak_memory_bytes = 0;  // of all linear memories together
  std::uint64_t host_calls = 0;
  std::uint64_t bytes_copied = 0;  // arguments and results that are not flat, between guests and the host
  std::uint32_t peak_handles = 0;  // of all components of the run together
  std::uint32_t denials = 0;
  telemetry::Limit limit = telemetry::Limit::none;  // that ended the run, or was in its way
};

// Records host calls, for replay. Null in production.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void on_host_call(std::string_view interface, std::string_view function) = 0;
};

// What is one request's alone.
struct RequestShare {
  TraceContext trace;
  std::string trace_state;  // `tracestate` of the client's, for requests that belong to the trace
  // When its work ends whatever it does; time_point::max(): no limit.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  Account account;
  unsigned chain_depth = 0;  // requests of components above this one, each made in the course of the one before
};

// Lives on the loop that accepted the request; never shared between threads. It is an instance's, and as long as that
// serves several requests, its share() is that of the one whose task runs.
class RequestContext : Pinned {
 public:
  RequestContext(Loop& loop, const Grants& grants) : loop_(loop), grants_(&grants) {}

  Loop& loop() { return loop_; }
  const Grants& grants() const { return *grants_; }
  RequestShare& share() { return *share_; }
  const RequestShare& share() const { return *share_; }
  RequestShare& own_share() { return own_share_; }
  // While nothing runs: for whom it will. The other one outlives its use. Null: the context's own.
  void set_share(RequestShare* other) { share_ = other != nullptr ? other : &own_share_; }
  // What runs from now on does so for `other`, likewise.
  void switch_share(RequestShare* other) {
    if ((other != nullptr ? other : &own_share_) == share_) return;
    charge(std::chrono::steady_clock::now());
    set_share(other);
  }
  // Counts the CPU time until now for whoever has run.
  void charge(std::chrono::steady_clock::time_point now) {
    share_->account.cpu_nanoseconds += static_cast<std::uint64_t>((now - running_since_).count());
    running_since_ = now;
  }
  // From when on CPU time has not been counted yet, while something runs. It begins to run when it is made; after a
  // pause it is told.
  std::chrono::steady_clock::time_point running_since() const { return running_since_; }
  void goes_on(std::chrono::steady_clock::time_point now) { running_since_ = now; }

  std::string_view application;  // outlives the request: names in the pinned snapshot
  std::string_view component;
  std::uint64_t tenant = 0;
  std::uint64_t generation = 0;  // of the application's snapshot this request is pinned to
  Clocks* clocks = &system_clocks();
  Randomness* randomness = &system_randomness();
  Resolver* resolver = nullptr;  // for look-ups of names; outlives the request. Null: there are none
  // What nobody may reach, whatever is granted; outlives the request. Null: nothing is blocked.
  const BlockedNetworks* blocked_networks = nullptr;
  // What counts the connections of guests, if they are limited; outlives the request.
  ConnectionQuota* connections = nullptr;
  Recorder* recorder = nullptr;
  // Where denials and guests' own messages go; a line without its newline. May be empty.
  std::function<void(std::string_view line)> log;

 private:
  Loop& loop_;
  const Grants* grants_;
  RequestShare own_share_;
  RequestShare* share_ = &own_share_;
  std::chrono::steady_clock::time_point running_since_ = std::chrono::steady_clock::now();
};

}  // namespace weft::host
