// Compiles again, with full effort, what was compiled quickly so that a start need not wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "runtime/core_module.h"
#include "util/error.h"
#include "util/file_descriptor.h"
#include "util/pinned.h"
#include "wasm/engine.h"

namespace weft::runtime {

// Modules that run with quick code.
struct QuickModules {
  std::shared_ptr<const void> owner;  // keeps the bytes that the modules refer to
  std::vector<CoreModule> modules;
  // Takes better code for them, in order, on another thread; never called if there comes none.
  std::function<void(std::vector<wasm::Module>)> replace;
};

// Thread-safe. Works on one thread, on one task after the other.
class CodeImprover : Pinned {
 public:
  // Finds or compiles code of full effort, with processor time that nobody else wants. `cancel` becomes readable when
  // it is no longer wanted.
  using Compile = std::function<Result<std::vector<wasm::Module>>(std::span<CoreModule> modules, int cancel)>;

  // A task is begun `delay` after it was added: the first requests have the machine to themselves, and a process that
  // only looks at a component, or is started again at once, compiles nothing twice.
  CodeImprover(std::chrono::milliseconds delay, Compile compile) : delay_(delay), compile_(std::move(compile)) {}
  // Gives up what is not done.
  ~CodeImprover();

  void add(QuickModules task);
  // Waits until all that was added is done.
  void settle();

 private:
  using Clock = std::chrono::steady_clock;
  struct Task {
    Clock::time_point begin;
    QuickModules modules;
  };
  void work();

  const std::chrono::milliseconds delay_;
  const Compile compile_;
  FileDescriptor cancel_;  // an eventfd
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;  // guarded by mutex_, as all below
  bool stopping_ = false;
  bool busy_ = false;
  std::thread worker_;  // started with the first task
};

}  // namespace weft::runtime
