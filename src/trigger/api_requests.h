// Requests for functions on one loop, until it is known what is to be called with which arguments.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <string_view>

#include "trigger/function_api.h"
#include "trigger/http_runs.h"

namespace weft::trigger {

// Bytes of bodies that one loop has while they come in; further requests get 503.
inline constexpr std::size_t max_api_body_bytes = std::size_t{64} << 20;

// Lives on its loop, and as long as it.
class ApiRequests : Pinned {
 public:
  using Clock = std::chrono::steady_clock;
  // Told of what was answered without an instance.
  using Answered = std::function<void(http::Exchange& exchange, const HttpJob& job, Clock::time_point begun)>;

  ApiRequests(HttpRuns& runs, Answered answered) : runs_(runs), answered_(std::move(answered)) {}
  ~ApiRequests();

  // Answers, or has a function of job.served->api called, once its body is there. `path`: beneath the route.
  void take(HttpJob job, std::string_view path);

 private:
  struct Pending {
    HttpJob job;
    const call::Function* function = nullptr;
    Clock::time_point begun;
    std::string body;
  };
  using Place = std::list<Pending>::iterator;

  void answer(const HttpJob& job, FunctionApi::Answer said, Clock::time_point begun);
  void read(Place place);
  void forget(Place place);

  HttpRuns& runs_;
  const Answered answered_;
  std::list<Pending> pending_;
  std::size_t body_bytes_ = 0;  // of all of those
};

}  // namespace weft::trigger
