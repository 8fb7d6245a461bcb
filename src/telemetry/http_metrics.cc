#include "telemetry/http_metrics.h"

#include <algorithm>

#include "telemetry/process_metrics.h"
#include "telemetry/text.h"

namespace weft::telemetry {
namespace {

constexpr std::array<std::string_view, 6> status_names = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

std::size_t status_index(unsigned status) {
  return std::min<std::size_t>(status / 100, status_names.size() - 1);
}

std::uint64_t not_negative(std::chrono::nanoseconds duration) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
}

constexpr double second = 1e9;  // in nanoseconds

// The sums of one component and route over all loops.
struct Sum {
  std::array<std::uint64_t, status_names.size()> responses{};
  std::array<std::uint64_t, duration_bounds.size() + 1> durations{};
  std::array<std::uint64_t, memory_bounds.size() + 1> memory{};
  std::array<std::uint64_t, limit_names.size()> limits{};
  std::array<std::uint64_t, handle_bounds.size() + 1> handles{};
  std::uint64_t duration_sum = 0, memory_sum = 0, handles_sum = 0;
  std::uint64_t begun = 0, ended = 0, cold = 0, faults = 0, denials = 0, cpu = 0, bytes_copied = 0;
};
using Sums = std::map<std::pair<std::string, std::string>, Sum>;

void add_counter(Text& text, const Sums& sums, std::string_view name, std::string_view help,
                 std::uint64_t Sum::* member) {
  text.metric(name, "counter", help);
  for (const auto& [key, sum] : sums) {
    if (sum.begun > 0) text.sample({{"component", key.first}, {"route", key.second}}, sum.*member);
  }
}

template <std::size_t N>
void add_histogram(Text& text, const std::pair<std::string, std::string>& key,
                   const std::array<std::uint64_t, N>& counts, const std::array<std::uint64_t, N - 1>& bounds,
                   std::uint64_t sum, double unit) {
  const auto& [component, route] = key;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < N; ++i) {
    total += counts[i];
    const std::string bound = i + 1 == N ? "+Inf" : number(static_cast<double>(bounds[i]) / unit);
    text.sample({{"component", component}, {"route", route}, {"le", bound}}, total, "_bucket");
  }
  text.sample({{"component", component}, {"route", route}}, static_cast<double>(sum) / unit, "_sum");
  text.sample({{"component", component}, {"route", route}}, total, "_count");
}

void add_sums(Text& text, const Sums& sums) {
  text.metric("weft_http_requests_total", "counter", "Requests that ended, by the class of their response's status.");
  for (const auto& [key, sum] : sums) {
    for (std::size_t i = 0; i < status_names.size(); ++i) {
      if (sum.responses[i] == 0) continue;
      text.sample({{"component", key.first}, {"route", key.second}, {"status", status_names[i]}}, sum.responses[i]);
    }
  }
  text.metric("weft_http_request_duration_seconds", "histogram",
              "Time from a request's head to the end of the component's work on it.");
  for (const auto& [key, sum] : sums)
    add_histogram(text, key, sum.durations, duration_bounds, sum.duration_sum, second);

  text.metric("weft_instances_live", "gauge", "Instances that work on a request.");
  for (const auto& [key, sum] : sums) {
    if (sum.begun == 0) continue;
    // The two are read one after the other: one that ended meanwhile may be missing in the first.
    text.sample({{"component", key.first}, {"route", key.second}}, sum.begun - std::min(sum.ended, sum.begun));
  }
  add_counter(text, sums, "weft_instances_total", "Instances that were made.", &Sum::begun);
  add_counter(text, sums, "weft_instances_cold_total", "Instances that were the first of their component on a loop.",
              &Sum::cold);
  add_counter(text, sums, "weft_component_faults_total", "Runs that ended by a trap or without a response.",
              &Sum::faults);
  add_counter(text, sums, "weft_denials_total", "What components tried to open and were not granted.", &Sum::denials);
  text.metric("weft_limits_hit_total", "counter", "Runs that a limit ended or was in the way of.");
  for (const auto& [key, sum] : sums) {
    if (sum.begun == 0) continue;
    for (std::size_t i = 1; i < limit_names.size(); ++i) {
      text.sample({{"component", key.first}, {"route", key.second}, {"limit", limit_names[i]}}, sum.limits[i]);
    }
  }
  text.metric("weft_component_cpu_seconds_total", "counter", "CPU time inside components and what they called.");
  for (const auto& [key, sum] : sums) {
    if (sum.begun == 0) continue;
    text.sample({{"component", key.first}, {"route", key.second}}, static_cast<double>(sum.cpu) / second);
  }
  text.metric("weft_instance_peak_memory_bytes", "histogram", "The most an instance's linear memories had together.");
  for (const auto& [key, sum] : sums) {
    if (sum.begun > 0) add_histogram(text, key, sum.memory, memory_bounds, sum.memory_sum, 1);
  }
  add_counter(text, sums, "weft_component_copied_bytes_total", "Bytes copied between components and the host.",
              &Sum::bytes_copied);
  text.metric("weft_instance_peak_handles", "histogram", "The most handles of resources an instance had.");
  for (const auto& [key, sum] : sums) {
    if (sum.begun > 0) add_histogram(text, key, sum.handles, handle_bounds, sum.handles_sum, 1);
  }
}

template <std::size_t N, class From>
void add_counts(std::array<std::uint64_t, N>& to, const From& histogram) {
  for (std::size_t i = 0; i < N; ++i) to[i] += histogram.count(i);
}

}  // namespace

void HttpSeries::answered(unsigned status, std::chrono::nanoseconds duration) noexcept {
  responses_[status_index(status)].add();
  durations_.observe(not_negative(duration));
}

void HttpSeries::refused(unsigned status, std::chrono::nanoseconds duration, Limit limit) noexcept {
  answered(status, duration);
  limits_[static_cast<std::size_t>(limit)].add();
}

void HttpSeries::run_began(bool cold) noexcept {
  begun_.add();
  if (cold) cold_.add();
}

void HttpSeries::run_ended(const RunOutcome& outcome) noexcept {
  answered(outcome.status, outcome.duration);
  ended_.add();
  cpu_nanoseconds_.add(outcome.cpu_nanoseconds);
  bytes_copied_.add(outcome.bytes_copied);
  memory_.observe(outcome.peak_memory_bytes);
  handles_.observe(outcome.peak_handles);
  if (outcome.fault) faults_.add();
  if (outcome.denials > 0) denials_.add(outcome.denials);
  if (outcome.limit != Limit::none) limits_[static_cast<std::size_t>(outcome.limit)].add();
}

HttpSeries& HttpLoopMetrics::series(std::string_view component, std::string_view route) {
  const std::lock_guard lock(mutex_);
  auto& series = series_[{std::string(component), std::string(route)}];
  if (series == nullptr) series = std::make_unique<HttpSeries>();
  return *series;
}

HttpLoopMetrics& HttpMetrics::add_loop() {
  const std::lock_guard lock(mutex_);
  loops_.push_back(std::make_unique<HttpLoopMetrics>());
  return *loops_.back();
}

std::string HttpMetrics::text() const {
  Sums sums;
  std::int64_t connections = 0, waiting = 0, queued = 0;
  std::array<std::uint64_t, 2> requests{}, instances{};
  {
    const std::lock_guard lock(mutex_);
    for (const auto& loop : loops_) {
      for (std::size_t i = 0; i < requests.size(); ++i) requests[i] += loop->requests[i].get();
      for (std::size_t i = 0; i < instances.size(); ++i) instances[i] += loop->instances[i].get();
      connections += loop->connections.get();
      waiting += loop->waiting_runs.get();
      queued += loop->queued.get();
      const std::lock_guard of_loop(loop->mutex_);
      for (const auto& [key, series] : loop->series_) {
        Sum& sum = sums[key];
        for (std::size_t i = 0; i < sum.responses.size(); ++i) sum.responses[i] += series->responses_[i].get();
        for (std::size_t i = 0; i < sum.limits.size(); ++i) sum.limits[i] += series->limits_[i].get();
        add_counts(sum.durations, series->durations_);
        add_counts(sum.memory, series->memory_);
        add_counts(sum.handles, series->handles_);
        sum.handles_sum += series->handles_.sum();
        sum.bytes_copied += series->bytes_copied_.get();
        sum.duration_sum += series->durations_.sum();
        sum.memory_sum += series->memory_.sum();
        sum.ended += series->ended_.get();
        sum.begun += series->begun_.get();
        sum.cold += series->cold_.get();
        sum.faults += series->faults_.get();
        sum.denials += series->denials_.get();
        sum.cpu += series->cpu_nanoseconds_.get();
      }
    }
  }
  Text text;
  text.metric("weft_build_info", "gauge", "The version of weft.");
  text.sample({{"version", WEFT_VERSION}}, std::uint64_t{1});
  add_sums(text, sums);
  text.metric("weft_http_protocol_requests_total", "counter", "Requests that came, by the protocol that carried them.");
  text.sample({{"protocol", "HTTP/1"}}, requests[0]);
  text.sample({{"protocol", "HTTP/2"}}, requests[1]);
  text.metric("weft_http_connections", "gauge", "Open connections, as of the last fifth of a second.");
  text.sample({}, connections);
  text.metric("weft_instance_starts_total", "counter",
              "Instances, by where they came from: made, or one that had ended restored to its beginning.");
  text.sample({{"from", "made"}}, instances[0]);
  text.sample({{"from", "restored"}}, instances[1]);
  text.metric("weft_instances_waiting", "gauge",
              "Instances that wait for input or output or for their turn, as of the last fifth of a second.");
  text.sample({}, waiting);
  text.metric("weft_http_requests_queued", "gauge",
              "Requests that wait for an instance, as of the last fifth of a second.");
  text.sample({}, queued);
  add_process_metrics(text);
  return std::move(text).take();
}

}  // namespace weft::telemetry
