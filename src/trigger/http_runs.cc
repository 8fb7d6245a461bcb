#include "trigger/http_runs.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <functional>
#include <utility>
#include <vector>

#include "trigger/answer.h"
#include "trigger/http_run.h"
#include "util/recycled.h"
#include "wasm/memory_pool.h"

namespace weft::trigger {

void HttpRuns::add(HttpJob job) {
  if ((waiting_ < limits_.instances && !tight()) || job.chain_depth > 0) [[likely]]
    return start(std::move(job));
  if (queue_.size() < limits_.queued) return enqueue(std::move(job));
  refuse(job, Clock::now());
}

void HttpRuns::start(HttpJob job) {
  if (job.pool != nullptr) {
    if (HttpRun* const run = job.pool->find()) return run->add(std::move(job));
  }
  std::allocate_shared<HttpRun>(RecyclingAllocator<HttpRun>(), *this, std::move(job))->begin();
}

void HttpRuns::enqueue(HttpJob job) {
  const auto entry = queue_.insert(queue_.end(), {std::move(job), Clock::now()});
  entry->job.exchange->on_client_gone = [this, entry] {
    const HttpJob gone = std::move(entry->job);
    const auto waited = Clock::now() - entry->since;
    queue_.erase(entry);
    gone.series->refused(0, waited, telemetry::Limit::instances);
  };
}

void HttpRuns::refuse(const HttpJob& job, Clock::time_point since) {
  http::Exchange& exchange = *job.exchange;
  http::ResponseHead head;
  head.status = 503;
  head.fields.append("retry-after", "1");
  head.fields.append("content-type", "text/plain; charset=utf-8");
  exchange.respond(std::move(head), "too many requests are waiting\n");
  const auto waited = Clock::now() - since;
  job.series->refused(503, waited, telemetry::Limit::instances);
  if (observer_.access) {
    observer_.access({.request = exchange.request(), .component = job.served->id, .status = 503, .duration = waited});
  }
}

void HttpRuns::stopped_waiting() {
  --waiting_;
  if (queue_.empty() || starting_) return;
  // The run that ended still has its instance.
  starting_ = true;
  boost::asio::post(loop_, [this] {
    starting_ = false;
    start_queued();
  });
}

void HttpRuns::start_queued() {
  while (!queue_.empty() && waiting_ < limits_.instances && !tight()) {
    HttpJob job = std::move(queue_.front().job);
    queue_.pop_front();
    job.exchange->on_client_gone = nullptr;
    start(std::move(job));
  }
}

void HttpRuns::retire_others(const HttpApp& app) {
  const std::vector<std::shared_ptr<HttpRun>> runs(open_.begin(), open_.end());
  for (const auto& run : runs) {
    if (&run->app() != &app) run->retire();
  }
}

void HttpRuns::tell_of_memory(Clock::time_point now) {
  constexpr std::chrono::seconds interval{10};
  if (!limits_.memory->take_been_tight() ||
      (told_of_memory_ != Clock::time_point() && now - told_of_memory_ < interval))
    return;
  told_of_memory_ = now;
  if (!observer_.log) return;
  observer_.log("weft", "memory has reached its limit of " + std::to_string(limits_.memory->limit() >> 20) +
                            " MiB (--max-memory): requests wait, instances get no more, and the largest are ended");
}

void HttpRuns::relieve() {
  instances_.clear();
  wasm::drop_idle_slots_of_this_thread();
  std::vector<std::shared_ptr<HttpRun>> largest(open_.begin(), open_.end());
  // Those first that nobody waits for.
  std::ranges::sort(largest, std::greater(),
                    [](const auto& run) { return std::pair(run->idle(), run->memory_bytes()); });
  // Each loop does as much as if it were the only one: what is not touched yet was counted too.
  const std::uint64_t excess = limits_.memory->excess();
  std::uint64_t freed = 0;
  for (const auto& run : largest) {
    if (freed >= excess) break;
    freed += run->memory_bytes();
    if (run->idle())
      run->close();
    else
      run->evict();
  }
}

void HttpRuns::drain(Clock::time_point deadline, std::function<void()> drained) {
  drained_ = std::move(drained);
  drain_deadline_ = deadline;
  // What runs right now is among the open ones by then, or done.
  boost::asio::post(loop_, [this] { check_drained(Clock::now()); });
}

void HttpRuns::check_drained(Clock::time_point now) {
  if (!drained_) return;
  std::vector<std::shared_ptr<HttpRun>> at_work(open_.begin(), open_.end());
  std::erase_if(at_work, [](const auto& run) { return run->idle(); });
  if (!at_work.empty() && now < drain_deadline_) return;
  for (const auto& run : at_work) run->stop("the server ends, and the time to finish (--drain-s) is over");
  std::exchange(drained_, nullptr)();
}

void HttpRuns::sweep() {
  const auto now = Clock::now();
  const std::vector<std::shared_ptr<HttpRun>> runs(open_.begin(), open_.end());
  for (const auto& run : runs) run->sweep(now);
  chained_.sweep(now);
  instances_.sweep();
  const auto counts = instances_.take_counts();
  metrics_.instances[0].add(counts.made);
  metrics_.instances[1].add(counts.restored);
  if (limits_.memory != nullptr) {
    limits_.memory->look();
    tell_of_memory(now);
  }
  if (tight()) relieve();
  start_queued();
  check_drained(now);
  while (!queue_.empty() && queue_.front().since + limits_.queued_for < now) {
    Queued oldest = std::move(queue_.front());
    queue_.pop_front();
    oldest.job.exchange->on_client_gone = nullptr;
    refuse(oldest.job, oldest.since);
  }
  metrics_.waiting_runs.set(static_cast<std::int64_t>(waiting_));
  metrics_.queued.set(static_cast<std::int64_t>(queue_.size()));
}

}  // namespace weft::trigger
