// What is counted of HTTP requests.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/counters.h"
#include "util/pinned.h"

namespace weft::telemetry {

// Nanoseconds: from a static answer to the longest a request may take by default.
inline constexpr std::array<std::uint64_t, 16> duration_bounds = {
    50'000,     100'000,    250'000,     500'000,     1'000'000,     2'500'000,     5'000'000,      10'000'000,
    25'000'000, 50'000'000, 100'000'000, 250'000'000, 1'000'000'000, 5'000'000'000, 30'000'000'000, 600'000'000'000};
// Bytes of an instance's linear memories: from one page to the limit of all of them.
inline constexpr std::array<std::uint64_t, 8> memory_bounds = {64 << 10, 256 << 10, 1 << 20,   4 << 20,
                                                               16 << 20, 64 << 20,  128 << 20, 512 << 20};

// Handles an instance has: from those of one request to their limit.
inline constexpr std::array<std::uint64_t, 6> handle_bounds = {10, 30, 100, 300, 1'000, 10'000};

// A named limit that ended a run, or was in its way.
enum class Limit : std::uint8_t { none, cpu_time, wall_time, memory, instances };
inline constexpr std::array<std::string_view, 5> limit_names = {"none", "cpu_time", "request_time", "memory",
                                                                "instances"};

// How a component's run ended.
struct RunOutcome {
  unsigned status = 0;  // 0: the client left before there was a response
  std::chrono::nanoseconds duration{};
  std::uint64_t cpu_nanoseconds = 0;
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t bytes_copied = 0;  // between the component and the host
  std::uint32_t peak_handles = 0;
  std::uint32_t denials = 0;
  Limit limit = Limit::none;
  bool fault = false;  // it ended by a trap, or without a response
};

// Of one component and route, on one loop. Written on that loop alone.
class HttpSeries : Pinned {
 public:
  // What no component answers: static responses, unknown paths.
  void answered(unsigned status, std::chrono::nanoseconds duration) noexcept;
  // A request for a component that got no instance; `status` 0: its client left first.
  void refused(unsigned status, std::chrono::nanoseconds duration, Limit limit) noexcept;
  void run_began(bool cold) noexcept;
  void run_ended(const RunOutcome& outcome) noexcept;

 private:
  friend class HttpMetrics;
  static constexpr std::size_t statuses = 6;  // none, 1xx to 5xx

  std::array<Counter, statuses> responses_;
  Histogram<duration_bounds> durations_;
  Counter begun_, ended_, cold_, faults_, denials_, cpu_nanoseconds_, bytes_copied_;
  std::array<Counter, limit_names.size()> limits_;
  Histogram<memory_bounds> memory_;
  Histogram<handle_bounds> handles_;
};

// Of one loop.
class HttpLoopMetrics : Pinned {
 public:
  // The same for the same names; stays for good. A component without a name: none; a route without: no route.
  HttpSeries& series(std::string_view component, std::string_view route);

  std::array<Counter, 2> requests;   // that came over HTTP/1.x, and over HTTP/2
  std::array<Counter, 2> instances;  // that were made, and restored
  Gauge connections;
  Gauge queued;        // requests that wait for an instance
  Gauge waiting_runs;  // that wait for input or output, or for their turn

 private:
  friend class HttpMetrics;
  using Key = std::pair<std::string, std::string>;

  mutable std::mutex mutex_;  // of the map, not of what is in it
  std::map<Key, std::unique_ptr<HttpSeries>> series_;
};

// Of all loops. Thread-safe.
class HttpMetrics : Pinned {
 public:
  // Stays as long as this object.
  HttpLoopMetrics& add_loop();
  // Everything, in Prometheus' text format.
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<HttpLoopMetrics>> loops_;
};

}  // namespace weft::telemetry
