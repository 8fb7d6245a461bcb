#include "runtime/ticker.h"

#include <array>

namespace weft::runtime {
namespace {

// One flag for each thread that runs guests, on a cache line of its own: setting it costs no traffic between cores.
constexpr std::size_t max_guest_threads = 256;
struct alignas(64) Flag {
  std::atomic<std::uint32_t> runs{0};
};
std::array<Flag, max_guest_threads> flags;
std::atomic<std::size_t> threads{0};

std::atomic<std::uint32_t>& flag_of_this_thread() {
  // Threads beyond the table share its last place: they are ticked all the same.
  thread_local std::atomic<std::uint32_t>& flag = flags[std::min(threads++, max_guest_threads - 1)].runs;
  return flag;
}

}  // namespace

GuestRunning::GuestRunning() {
  auto& flag = flag_of_this_thread();
  flag.store(flag.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

GuestRunning::~GuestRunning() {
  auto& flag = flag_of_this_thread();
  flag.store(flag.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

Ticker::Ticker(wasm::Engine& engine, wasm::MemoryGuard* guard, wasm::Engine* second)
    : engine_(engine),
      guard_(guard),
      second_(second),
      thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

Ticker::~Ticker() = default;

void Ticker::run(std::stop_token stop) {
  std::uint64_t seen = 0;
  unsigned ticks = 0;
  while (!stop.stop_requested()) {
    std::uint64_t sum = 0;
    bool running = false;
    for (std::size_t i = 0; i < std::min(threads.load(), max_guest_threads); ++i) {
      const std::uint32_t runs = flags[i].runs.load(std::memory_order_relaxed);
      sum += runs;
      running = running || runs % 2 == 1;
    }
    if (running) engine_.increment_epoch();
    if (running && second_ != nullptr) second_->increment_epoch();
    if (guard_ != nullptr && ++ticks % ticks_per_look == 0) guard_->look();
    std::this_thread::sleep_for(running || sum != seen
                                    ? std::chrono::duration_cast<std::chrono::microseconds>(interval)
                                    : std::chrono::duration_cast<std::chrono::microseconds>(idle_interval));
    seen = sum;
  }
}

}  // namespace weft::runtime
