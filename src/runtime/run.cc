#include "runtime/run.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "runtime/ticker.h"

namespace weft::runtime {
namespace {

// Resumptions of tasks in a row.
constexpr int most_at_once = 64;

}  // namespace

Run::Run(Loop& loop, const host::Grants& grants, const RunLimits& limits, component::InstanceSource* source)
    : loop_(loop), limits_(limits), source_(source), context_(loop, grants), started_at_(context_.running_since()) {
  if (limits.wall != RunLimits::unlimited) context_.own_share().deadline = started_at_ + limits.wall;
}

Run::~Run() {
  drop();
}

void Run::drop() noexcept {
  instance_.reset();
}

Result<void> Run::start(std::shared_ptr<const component::LinkedComponent> component) {
  if (source_ != nullptr) {
    TRY(instance_, source_->make(std::move(component), context_, *this, limits_.store, this));
  } else {
    TRY(instance_, component::Instance::create(std::move(component), context_, *this, limits_.store, this));
  }
  return {};
}

component::Instance::Progress Run::go_on() {
  const GuestRunning mark;
  if (const auto body = std::exchange(next_, nullptr)) return instance_->start(body, next_env_, next_share_);
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
  if (begun_) context_.goes_on(std::chrono::steady_clock::now());
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
  context_.charge(std::chrono::steady_clock::now());
  if (progress == Progress::stuck)
    failure = std::make_exception_ptr(abi::Trap("deadlock detected: event loop cannot make further progress"));
  if (failure != nullptr || !paused(progress))
    finish(failure);
  else if (progress == Progress::preempted || progress == Progress::ready ||
           // Of tasks it is known whether they are ready.
           (progress == Progress::waiting && woken_while_running_))
    post_resume();
}

void Run::also(void (*body)(void* env), void* env, host::RequestShare* share) {
  next_ = body;
  next_env_ = env;
  next_share_ = share;
  resume();
}

void Run::forget_shares() {
  instance_->scheduler().forget_origins();
  context_.set_share(nullptr);
}

std::chrono::nanoseconds Run::cpu_until_now(const host::RequestShare& share) const {
  std::chrono::nanoseconds used(share.account.cpu_nanoseconds);
  if (running_ && &share == &context_.share()) used += std::chrono::steady_clock::now() - context_.running_since();
  return used;
}

void Run::fill_account(host::Account& account) const {
  const wasm::MemoryUse& memory = instance_->store().memory_use();
  account.peak_memory_bytes = memory.peak;
  account.peak_handles = instance_->peak_handles();
  if (account.limit == telemetry::Limit::none) account.limit = end_limit_;
  if (account.limit == telemetry::Limit::none && memory.refused > 0) account.limit = telemetry::Limit::memory;
}

void Run::finish(const std::exception_ptr& failure) {
  finished_ = true;
  fill_account(context_.own_share().account);
  done(failure);
  if (failure == nullptr && source_ != nullptr)
    source_->take_back(std::move(instance_));
  else
    instance_.reset();
}

void Run::stop(std::string reason) {
  if (finished_) return;
  const auto self = shared_from_this();
  if (running_) {
    // The guest is on this thread's stack: it ends at its next tick.
    end_reason_ = std::move(reason);
    context_.own_share().deadline = std::chrono::steady_clock::time_point::min();
    return;
  }
  finish(std::make_exception_ptr(abi::Trap(std::move(reason))));
}

void Run::close() {
  if (finished_) return;
  const auto self = shared_from_this();
  finish(nullptr);
}

void Run::expire() {
  if (finished_) return;
  end_limit_ = telemetry::Limit::wall_time;
  stop("the time limit is over");
}

void Run::evict() {
  if (finished_) return;
  end_limit_ = telemetry::Limit::memory;
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
  host::RequestShare& share = context_.share();
  const auto used = std::chrono::nanoseconds(share.account.cpu_nanoseconds) + (now - context_.running_since());
  if (used > limits_.cpu) {
    share.account.limit = telemetry::Limit::cpu_time;
    end_reason_ = "the CPU time limit of " +
                  std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(limits_.cpu).count()) +
                  " ms is used up";
    return wasm::TickVerdict::end;
  }
  if (limits_.store.guard != nullptr && limits_.store.guard->exhausted()) [[unlikely]] {
    end_limit_ = telemetry::Limit::memory;
    end_reason_ = "the memory of all instances together is used up";
    return wasm::TickVerdict::end;
  }
  if (now > share.deadline || !end_reason_.empty()) {
    if (end_reason_.empty()) {
      end_reason_ = "the time limit is over";
      share.account.limit = telemetry::Limit::wall_time;
    }
    return wasm::TickVerdict::end;
  }
  return wasm::TickVerdict::yield;
}

}  // namespace weft::runtime
