// One request in the instance that answers it.
#pragma once

#include <chrono>
#include <string>

#include "trigger/http_runs.h"
#include "util/recycled.h"

namespace weft::trigger {

// Belongs to its run. Its share outlives its end: tasks that it left behind still count for it.
class HttpCall : Pinned {
 public:
  using Clock = std::chrono::steady_clock;

  // `share` is the instance's own, for the first of its requests; null: the call has one.
  HttpCall(HttpRuns& runs, HttpJob given, host::RequestShare* share, Clock::time_point started_at);
  ~HttpCall() { forget_timing(); }

  HttpJob job;               // of one that was reported: without the exchange
  HandlerOutcome outcome;    // what the component's handler did
  std::string failure = {};  // why a function that is called for itself did not return, for its client
  bool over = false;         // the handler's task has ended
  bool waits = false;        // counted by HttpRuns
  bool told_to_end = false;  // its handler's task was
  bool looked_back = false;  // its response had time to leave after the task had ended
  // When its time is over: by InstanceReuse::request_timeout, and whatever it does.
  Clock::time_point until = Clock::time_point::max();
  Clock::time_point last = Clock::time_point::max();

  Clock::time_point started_at() const { return started_at_; }
  // `timeout`: from the response, once there is one, to the end. REQUIRES: it was not reported
  bool is_late(Clock::time_point now, std::chrono::nanoseconds timeout);
  host::RequestShare& share() { return *share_; }
  // What the instance is to call it.
  host::RequestShare* origin() { return share_ == &own_share_ ? share_ : nullptr; }
  // It was answered and recorded: what its tasks still do is of no use to anybody.
  bool reported() const { return job.exchange == nullptr; }
  // Says in the response what it cost.
  void show_timing(runtime::Run& run);
  void forget_timing();
  // Answers it, if that did not happen, and tells everybody of it. `fault`: nothing was as it should be, and somebody
  // said so.
  void report(bool fault);

 private:
  void add_timing(http::Fields& fields, runtime::Run& run);
  void record(unsigned status, bool fault);

  HttpRuns& runs_;
  host::RequestShare own_share_;
  host::RequestShare* const share_;
  const Clock::time_point started_at_;
  bool has_responded_ = false;  // as far as `until` knows
};

}  // namespace weft::trigger
