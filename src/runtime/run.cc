#include "runtime/run.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "runtime/ticker.h"

namespace weft::runtime {
namespace {

// Resumptions of tasks in a row.
constexpr int most_at_once = 64;

}  // namespace

Run::Run(Loop& loop, const host::Grants& grants, const RunLimits& limits)
    : loop_(loop),
      limits_(limits),
      context_(loop, grants),
      started_at_(std::chrono::steady_clock::now()),
      resumed_at_(started_at_) {
  if (limits.wall != RunLimits::unlimited) context_.deadline = resumed_at_ + limits.wall;
}

Run::~Run() {
  drop();
}

void Run::drop() noexcept {
  instance_.reset();
}

Result<void> Run::start(std::shared_ptr<const component::LinkedComponent> component) {
  TRY(instance_, component::Instance::create(std::move(component), context_, *this, limits_.store, this));
  return {};
}

component::Instance::Progress Run::go_on() {
  const GuestRunning mark;
  if (std::exchange(begun_, true)) return instance_->go_on();
  return instance_->start(
      [](void* env) {
        auto& run = *static_cast<Run*>(env);
        run.instance_->instantiate();
        run.work(*run.instance_);
      },
      this);
}

void Run::resume() {
  using Progress = component::Instance::Progress;
  if (finished_) return;
  const auto self = shared_from_this();
  running_ = true;
  woken_while_running_ = false;
  // What it took to make the instance counts for the guest too.
  if (begun_) resumed_at_ = std::chrono::steady_clock::now();
  Progress progress = Progress::ended;
  std::exception_ptr failure;
  try {
    progress = go_on();
    // Between these, others on the loop have their turn.
    for (int i = 0; i < most_at_once && progress == Progress::ready; ++i) progress = go_on();
  } catch (...) {
    failure = std::current_exception();
  }
  running_ = false;
  context_.account.cpu_nanoseconds +=
      static_cast<std::uint64_t>((std::chrono::steady_clock::now() - resumed_at_).count());
  fill_account();
  if (progress == Progress::stuck)
    failure = std::make_exception_ptr(abi::Trap("deadlock detected: event loop cannot make further progress"));
  if (failure != nullptr || progress == Progress::ended)
    finish(failure);
  else if (progress == Progress::preempted || progress == Progress::ready || woken_while_running_)
    post_resume();
}

std::chrono::nanoseconds Run::cpu_until_now() const {
  return std::chrono::nanoseconds(context_.account.cpu_nanoseconds) + (std::chrono::steady_clock::now() - resumed_at_);
}

void Run::fill_account() {
  host::Account& account = context_.account;
  const wasm::MemoryUse& memory = instance_->store().memory_use();
  account.peak_memory_bytes = memory.peak;
  account.peak_handles = instance_->peak_handles();
  if (memory.refused > 0 && account.limit == telemetry::Limit::none) account.limit = telemetry::Limit::memory;
}

void Run::finish(const std::exception_ptr& failure) {
  finished_ = true;
  done(failure);
  instance_.reset();
}

void Run::stop(std::string reason) {
  if (finished_) return;
  const auto self = shared_from_this();
  if (running_) {
    // The guest is on this thread's stack: it ends at its next tick.
    end_reason_ = std::move(reason);
    context_.deadline = std::chrono::steady_clock::time_point::min();
    return;
  }
  finish(std::make_exception_ptr(abi::Trap(std::move(reason))));
}

void Run::expire() {
  if (finished_) return;
  context_.account.limit = telemetry::Limit::wall_time;
  stop("the time limit is over");
}

void Run::evict() {
  if (finished_) return;
  context_.account.limit = telemetry::Limit::memory;
  stop("the memory of all instances together is used up, and this one had " + std::to_string(memory_bytes() >> 20) +
       " MiB");
}

void Run::wake() noexcept {
  if (running_) {
    woken_while_running_ = true;
    return;
  }
  post_resume();
}

void Run::post_resume() {
  if (posted_ || finished_) return;
  posted_ = true;
  boost::asio::post(loop_, [self = shared_from_this()] {
    self->posted_ = false;
    self->resume();
  });
}

wasm::TickVerdict Run::on_tick(wasm::Fiber&) noexcept {
  const auto now = std::chrono::steady_clock::now();
  const auto used = std::chrono::nanoseconds(context_.account.cpu_nanoseconds) + (now - resumed_at_);
  if (used > limits_.cpu) {
    context_.account.limit = telemetry::Limit::cpu_time;
    end_reason_ = "the CPU time limit of " +
                  std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(limits_.cpu).count()) +
                  " ms is used up";
    return wasm::TickVerdict::end;
  }
  if (limits_.store.guard != nullptr && limits_.store.guard->exhausted()) [[unlikely]] {
    context_.account.limit = telemetry::Limit::memory;
    end_reason_ = "the memory of all instances together is used up";
    return wasm::TickVerdict::end;
  }
  if (now > context_.deadline) {
    if (end_reason_.empty()) {
      end_reason_ = "the time limit is over";
      context_.account.limit = telemetry::Limit::wall_time;
    }
    return wasm::TickVerdict::end;
  }
  return wasm::TickVerdict::yield;
}

}  // namespace weft::runtime
