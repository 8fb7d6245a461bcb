// One run of a guest: an instance, the fibers it runs on, and the loop that resumes them.
#pragma once

#include <chrono>
#include <exception>
#include <memory>

#include "component/instance.h"
#include "component/instance_source.h"
#include "host/request_context.h"
#include "host/signal.h"
#include "util/async.h"
#include "util/pinned.h"
#include "wasm/store.h"

namespace weft::runtime {

// What one run may use.
struct RunLimits {
  // For either time: no limit.
  static constexpr std::chrono::nanoseconds unlimited = std::chrono::nanoseconds::max();

  wasm::StoreLimits store;
  // CPU time inside the guest and the host functions it calls. Not counted while it waits.
  std::chrono::nanoseconds cpu = std::chrono::seconds(10);
  // Wall time from start to end, waits included.
  std::chrono::nanoseconds wall = std::chrono::seconds(600);
};

// Created as a shared object, started and resumed on one loop; kept alive by the loop while it has something to do.
class Run : public host::Waker, public wasm::TickPolicy, public std::enable_shared_from_this<Run>, Pinned {
 public:
  // `grants`, `limits` and `source`, where its instance comes from and goes to, outlive the run. Null: it is made and
  // destroyed.
  Run(Loop& loop, const host::Grants& grants, const RunLimits& limits, component::InstanceSource* source = nullptr);
  virtual ~Run();

  host::RequestContext& context() { return context_; }
  // REQUIRES: start() succeeded.
  component::Instance& instance() { return *instance_; }

  // Makes the instance and its fiber; nothing of the guest runs yet, so the state of services can be set.
  Result<void> start(std::shared_ptr<const component::LinkedComponent> component);
  // Runs the guest until it ends or waits; call it once after start(). The fast path ends here.
  void resume();
  // Runs `body(env)` too, on a fiber of its own, for `share` (Instance::call). Not from within the guest's own host
  // calls. REQUIRES: resume() was called, the run has not finished, and nothing of it is held (Instance::takes_call).
  void also(void (*body)(void* env), void* env, host::RequestShare* share);
  // Ends the run from outside (a client has gone, a deadline): done() gets a Trap with `reason`. The guest gets no
  // chance to run on. Not from within the guest's own host calls.
  void stop(std::string reason);
  // Ends it without a fault. Likewise.
  void close();
  // The same as stop() because its time is over, or to get back the memory that it has.
  void expire();
  void evict();
  // Bytes of its linear memories. REQUIRES: start() succeeded and it has not finished.
  std::uint64_t memory_bytes() const { return instance_->store().memory_use().current; }
  bool finished() const { return finished_; }
  std::chrono::steady_clock::time_point started_at() const { return started_at_; }
  // The CPU time that `share` has used until now.
  std::chrono::nanoseconds cpu_until_now(const host::RequestShare& share) const;
  // When stop() is due; looked at by the loop's sweep while the guest waits.
  std::chrono::steady_clock::time_point deadline() { return context_.own_share().deadline; }

  void wake() noexcept override;
  wasm::TickVerdict on_tick(wasm::Fiber& running) noexcept override;
  std::string end_reason() const override { return end_reason_; }

 protected:
  // Ends the guest's frames and the instance without another word. The destructor of a derived class does it first, for
  // they may use what the derived class has.
  void drop() noexcept;
  // Runs on the fiber, once the instance is made.
  virtual void work(component::Instance& instance) = 0;
  // How the run ended: null, or what it threw. Called once, on the loop, after the fiber is done.
  virtual void done(const std::exception_ptr& failure) = 0;
  // Called on the loop whenever it has run for a while, without a fault. Whether the run goes on: after
  // Progress::ended nothing is left to do but what it is given by also().
  virtual bool paused(component::Instance::Progress progress) {
    return progress != component::Instance::Progress::ended;
  }
  // Further up on this stack.
  bool running() const { return running_; }
  // No share but the context's own is used any more. REQUIRES: it paused last with Progress::ended.
  void forget_shares();
  // Adds what is known of the whole instance.
  void fill_account(host::Account& account) const;

 private:
  component::Instance::Progress go_on();
  void finish(const std::exception_ptr& failure);
  void post_resume();

  Loop& loop_;
  const RunLimits& limits_;
  component::InstanceSource* const source_;
  host::RequestContext context_;
  std::unique_ptr<component::Instance> instance_;
  bool begun_ = false;
  void (*next_)(void* env) = nullptr;  // a body to begin, and what it is given
  void* next_env_ = nullptr;
  host::RequestShare* next_share_ = nullptr;
  const std::chrono::steady_clock::time_point started_at_;
  bool posted_ = false;
  bool running_ = false;
  bool finished_ = false;
  bool woken_while_running_ = false;
  std::string end_reason_;
  telemetry::Limit end_limit_ = telemetry::Limit::none;  // of the run as a whole, that ended it
};

}  // namespace weft::runtime
