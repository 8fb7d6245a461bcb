// An instance and the requests that it answers: one; or several, one after the other and at once.
#pragma once

#include <list>

#include "trigger/http_call.h"
#include "trigger/instance_pool.h"
#include "trigger/wagi_call.h"

namespace weft::trigger {

// How long what is left of requests that are over may go on in an instance that does nothing else.
inline constexpr std::chrono::seconds leftover_grace{1};
// Calls that have ended, of which an instance that is never idle keeps the shares.
inline constexpr std::size_t max_past_calls = 4096;

class HttpRun final : public runtime::Run, public wasi_http::Services, public InPool {
 public:
  using Clock = std::chrono::steady_clock;
  // With a pool in the job, it is for further requests too.
  HttpRun(HttpRuns& runs, HttpJob job);
  ~HttpRun() override;

  // Makes the instance and runs it until it ends or waits. It is kept by whoever wakes it.
  void begin();

  // ---- for further requests ----
  // Whether it takes one now.
  bool accepts();
  // Runs it until it waits. REQUIRES: accepts()
  void add(HttpJob job);
  // Takes no further requests; ends when it has nothing to do.
  void retire();
  bool idle() const { return kept_ && calls_.empty(); }
  const HttpApp& app() const { return *app_; }
  // Ends what is late.
  void sweep(Clock::time_point now);

  using Run::start;
  bool has(std::string_view component) const override { return app_->components.contains(component); }
  void start(std::string_view component, std::shared_ptr<http::ClientExchange> exchange, unsigned depth) override;

 private:
  using Calls = std::list<HttpCall, RecyclingAllocator<HttpCall>>;

  bool shared() const { return pool_ != nullptr; }
  void work(component::Instance& instance) override;
  bool paused(component::Instance::Progress progress) override;
  void done(const std::exception_ptr& failure) override;
  void log(std::string_view line) const;

  // It is the new one.
  void add_call(HttpJob job, host::RequestShare* share);
  // [fiber] Until its task has ended.
  void serve(HttpCall& call);
  void wait_for(HttpCall& call);
  void client_gone(HttpCall& call);
  void stop_waiting(HttpCall& call);
  void leave_alone(HttpCall& call);
  void tell(HttpCall& call, bool fault);
  // The rest is about shared instances.
  bool takes_more() const;
  bool stays();
  void end_over_calls();
  // False: its response has yet to leave.
  bool end(HttpCall& call);
  void look_back();
  // It is of no use any more: it is answered, and told to end as soon as that hurts nobody. Its place is free when it
  // did.
  void give_up(HttpCall& call, const char* why, telemetry::Limit limit);
  void tell_leftovers_to_end();
  bool leftovers_alone();

  HttpRuns& runs_;
  const std::shared_ptr<const HttpApp> app_;
  const ServedComponent& served_;
  const std::shared_ptr<InstancePool> pool_;  // null: it is for one request
  std::unique_ptr<WagiCall> wagi_;            // of its one request; null: the component serves HTTP itself
  Calls calls_;
  Calls past_;                    // that have ended; until the instance is idle
  HttpCall* new_call_ = nullptr;  // that has begun just now
  std::uint32_t used_ = 0;        // requests in all
  std::uint32_t count_ = 1;       // that it may serve
  std::uint32_t concurrent_ = 1;
  std::chrono::nanoseconds request_timeout_ = std::chrono::nanoseconds::max();
  std::chrono::nanoseconds idle_timeout_{};
  component::Instance::Progress progress_{};  // when it paused last
  Clock::time_point idle_since_;
  Clock::time_point given_up_at_;  // the last that was
  bool kept_ = false;              // it is among the open ones
  bool counts_as_idle_ = false;
  bool retired_ = false;
  bool probes_ = false;      // whether the component ends when it is told: it should be alone with that
  bool looks_back_ = false;  // look_back() is posted
};

}  // namespace weft::trigger
