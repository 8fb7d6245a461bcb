// Fibers of a store as tasks see them.
#pragma once

#include <exception>
#include <memory>
#include <vector>

#include "task/thread.h"
#include "util/pinned.h"
#include "wasm/store.h"

namespace weft::component {

// One that is started from outside of every fiber.
class FiberStack final : public task::Stack {
 public:
  FiberStack(wasm::Store& store, void (*body)(void* env), void* env) : store_(store), fiber_(store, body, env) {}

  State resume() override;
  void block() override { fiber_.wait(wasm::Hold::release); }
  bool ended() const { return fiber_.state() == wasm::Fiber::State::done; }

 private:
  wasm::Store& store_;
  wasm::Fiber fiber_;
};

// A fiber that does one job after the other.
//
// The engine keeps, where a fiber begins, what of the store ran below it, and shows it in backtraces for as long as the
// fiber lives. So a fiber begins while nothing of the store runs, waits, and is given its job later, from another
// fiber.
class JobFiber : Pinned {
 public:
  // REQUIRES: no fiber of the store runs.
  explicit JobFiber(wasm::Store& store);
  // Between jobs, and while no fiber of the store runs, it just ends; else its frames are dropped.
  ~JobFiber();

 private:
  friend class JobStack;
  void work();

  wasm::Store& store_;
  void (*body_)(void* env) = nullptr;  // null: it waits for a job
  void* env_ = nullptr;
  bool ends_ = false;
  std::exception_ptr failure_;  // of the last job
  wasm::Fiber fiber_;
};

// One job of such a fiber, which goes back to `idle` after it.
class JobStack final : public task::Stack {
 public:
  using Idle = std::vector<std::unique_ptr<JobFiber>>;
  // REQUIRES: there is one.
  JobStack(Idle& idle, void (*body)(void* env), void* env);
  ~JobStack() override;

  State resume() override;
  void block() override { job_->fiber_.wait(wasm::Hold::release); }

 private:
  Idle& idle_;
  std::unique_ptr<JobFiber> job_;
};

}  // namespace weft::component
