// Stores of a script, and the fibers its commands run on.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "component/instance.h"
#include "host/request_context.h"
#include "host/signal.h"
#include "util/async.h"
#include "wasm/store.h"

namespace weft::wast {

// Scripts grow memories to their full size, of which they touch little.
inline constexpr wasm::StoreLimits script_limits{.memory_bytes = std::uint64_t{4} << 30,
                                                 .total_memory_bytes = std::uint64_t{64} << 30};

// How a command's run in a guest failed.
struct Failure {
  std::string message;
  bool trap = false;       // the guest's fault; else the script's, or ours
  bool exception = false;  // an exception of the guest that it did not catch
};

// Runs work on fibers of one store, one at a time, to its end. Belongs to one thread.
class Driver final : public host::Waker, public wasm::TickPolicy, Pinned {
 public:
  // `time_limit` is for each run.
  explicit Driver(std::chrono::seconds time_limit) : time_limit_(time_limit), context_(loop_, host::no_grants()) {}

  // For what runs in the store.
  host::RequestContext& context() { return context_; }
  // Runs `work` on a fiber of `store`. A fiber that waits when nothing is left to wake it has failed, and a fiber that
  // is dropped poisons its store.
  std::optional<Failure> run(wasm::Store& store, const std::function<void()>& work);
  // The same in a component instance, whose tasks go on until none can any more. `done` says when enough is done: what
  // is left then may wait for ever.
  std::optional<Failure> run(component::Instance& instance, const std::function<void()>& work,
                             const std::function<bool()>& done);

  void wake() noexcept override { woken_ = true; }
  wasm::TickVerdict on_tick(wasm::Fiber& running) noexcept override;
  std::string end_reason() const override { return "the time limit of one command is over"; }

 private:
  const std::chrono::seconds time_limit_;
  Loop loop_;
  host::RequestContext context_;
  bool woken_ = false;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace weft::wast
