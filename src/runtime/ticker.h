// The one thread that moves the engine's epoch on, so that busy guests yield, and watches what they take.
#pragma once

#include <atomic>
#include <thread>

#include "util/pinned.h"
#include "wasm/engine.h"
#include "wasm/memory_guard.h"

namespace weft::runtime {

class Ticker : Pinned {
 public:
  // How often a running guest is interrupted, while any runs.
  static constexpr std::chrono::microseconds interval{1000};
  // How soon the ticker notices that a guest began to run after a quiet time.
  static constexpr std::chrono::milliseconds idle_interval{10};

  // How often memory is looked at, while any guest runs.
  static constexpr int ticks_per_look = 8;

  // `engine` and the others, which may be null, outlive the ticker.
  explicit Ticker(wasm::Engine& engine, wasm::MemoryGuard* guard = nullptr, wasm::Engine* second = nullptr);
  ~Ticker();

 private:
  void run(std::stop_token stop);
  wasm::Engine& engine_;
  wasm::MemoryGuard* const guard_;
  wasm::Engine* const second_;
  std::jthread thread_;
};

// Marks the time a guest runs on this thread.
class GuestRunning : Pinned {
 public:
  GuestRunning();
  ~GuestRunning();
};

}  // namespace weft::runtime
