#include "wast/guest.h"

#include <utility>

#include "runtime/ticker.h"

namespace weft::wast {
namespace {

Failure failure_of(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const wasm::GuestTrap& trap) {
    return {trap.message(), true, trap.is_exception()};
  } catch (const abi::Trap& trap) {
    return {trap.message(), true};
  } catch (const std::exception& error) {
    return {error.what()};
  }
}

}  // namespace

std::optional<Failure> Driver::run(wasm::Store& store, const std::function<void()>& work) {
  if (store.poisoned()) return Failure{"the store was abandoned when an earlier command waited for ever"};
  end_ = std::chrono::steady_clock::now() + time_limit_;
  wasm::Fiber fiber(
      store, [](void* env) { (*static_cast<const std::function<void()>*>(env))(); },
      const_cast<std::function<void()>*>(&work));
  for (;;) {
    woken_ = false;
    wasm::Fiber::State state;
    {
      runtime::GuestRunning mark;
      state = fiber.resume();
    }
    if (state == wasm::Fiber::State::done) break;
    if (state == wasm::Fiber::State::preempted || woken_) continue;
    loop_.restart();
    loop_.run_one();
    if (woken_) continue;
    return Failure{"deadlock detected: event loop cannot make further progress", true};
  }
  if (fiber.failure() == nullptr) return std::nullopt;
  return failure_of(fiber.failure());
}

std::optional<Failure> Driver::run(component::Instance& instance, const std::function<void()>& work,
                                   const std::function<bool()>& done) {
  using Progress = component::Instance::Progress;
  if (instance.store().poisoned()) return Failure{"the store was abandoned when an earlier command failed"};
  end_ = std::chrono::steady_clock::now() + time_limit_;
  const runtime::GuestRunning mark;
  try {
    Progress progress = instance.start([](void* env) { (*static_cast<const std::function<void()>*>(env))(); },
                                       const_cast<std::function<void()>*>(&work));
    for (;; progress = instance.go_on()) {
      // What is left goes on with the next command.
      if (progress == Progress::ended || (done() && !instance.scheduler().held())) return std::nullopt;
      if (progress == Progress::preempted || progress == Progress::ready) continue;
      if (!woken_ && progress != Progress::stuck) {
        loop_.restart();
        loop_.run_one();
      }
      if (!std::exchange(woken_, false))
        return Failure{"deadlock detected: event loop cannot make further progress", true};
    }
  } catch (...) {
    return failure_of(std::current_exception());
  }
}

wasm::TickVerdict Driver::on_tick(wasm::Fiber&) noexcept {
  return std::chrono::steady_clock::now() > end_ ? wasm::TickVerdict::end : wasm::TickVerdict::go_on;
}

}  // namespace weft::wast
