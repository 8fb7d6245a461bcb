// One run of a guest: an instance, the fiber it runs on, and the loop that resumes it.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

#include "component/instance.h"
#include "host/request_context.h"
#include "host/signal.h"
#include "util/async.h"
#include "wasm/store.h"

namespace weft::runtime {

// What one run may use.
struct RunLimits {
  wasm::StoreLimits store;
  // CPU time inside the guest and the host functions it calls. Not counted while it waits.
  std::chrono::nanoseconds cpu = std::chrono::seconds(10);
  // Wall time from start to end, waits included.
  std::chrono::nanoseconds wall = std::chrono::seconds(600);
};

// Created, started and resumed on one loop; kept alive by the loop while it has something to do.
class Run final : public host::Waker, public wasm::TickPolicy, public std::enable_shared_from_this<Run> {
 public:
  // `work` runs on the fiber, once the instance is made.
  using Work = std::function<void(component::Instance&)>;
  // How the run ended: null, or what it threw. Called once, on the loop, after the fiber is done.
  using Done = std::function<void(std::exception_ptr failure)>;

  Run(Loop& loop, const host::Grants& grants, const RunLimits& limits);
  ~Run();

  host::RequestContext& context() { return context_; }
  // REQUIRES: start() succeeded.
  component::Instance& instance() { return *instance_; }

  // Makes the instance and its fiber; nothing of the guest runs yet. `configure` may set the state of services.
  Result<void> start(std::shared_ptr<const component::LinkedComponent> component, Work work, Done done);
  // Runs the guest until it ends or waits; call it once after start(). The fast path ends here.
  void resume();
  // Ends the run from outside (a client has gone, a deadline): Done gets a Trap with `reason`. The guest gets no
  // chance to run on. Not from within the guest's own host calls.
  void stop(std::string reason);
  bool finished() const { return finished_; }
  // When stop() is due; looked at by the loop's sweep while the guest waits.
  std::chrono::steady_clock::time_point deadline() const { return context_.deadline; }

  void wake() noexcept override;
  wasm::TickVerdict on_tick(wasm::Fiber& running) noexcept override;
  std::string end_reason() const override { return end_reason_; }

 private:
  void finish(std::exception_ptr failure);
  void post_resume();

  Loop& loop_;
  RunLimits limits_;
  host::RequestContext context_;
  Work work_;
  Done done_;
  std::unique_ptr<component::Instance> instance_;
  std::optional<wasm::Fiber> fiber_;
  std::chrono::steady_clock::time_point resumed_at_;
  bool posted_ = false;
  bool running_ = false;
  bool finished_ = false;
  bool woken_while_running_ = false;
  std::string end_reason_;
};

}  // namespace weft::runtime
