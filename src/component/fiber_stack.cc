#include "component/fiber_stack.h"

#include <utility>

namespace weft::component {
namespace {

using State = task::Stack::State;

// Resumes the fiber until it blocks or ends, or holds the store with nothing below it that could wait in its place.
State run(wasm::Store& store, wasm::Fiber& fiber) {
  for (;;) {
    const wasm::Fiber::State state = fiber.resume();
    if (state == wasm::Fiber::State::done) return State::ended;
    if (store.holder() != &fiber) return State::blocked;
    wasm::Fiber* const below = store.current_fiber();
    if (below == nullptr) return State::held;
    below->follow(state);
  }
}

}  // namespace

State FiberStack::resume() {
  const State state = run(store_, fiber_);
  if (state == State::ended && fiber_.failure() != nullptr) std::rethrow_exception(fiber_.failure());
  return state;
}

JobFiber::JobFiber(wasm::Store& store)
    : store_(store), fiber_(store, [](void* env) { static_cast<JobFiber*>(env)->work(); }, this) {
  fiber_.begin();
}

JobFiber::~JobFiber() {
  if (body_ != nullptr || store_.current_fiber() != nullptr || store_.holder() != nullptr) return;
  ends_ = true;
  fiber_.resume();
}

void JobFiber::work() {
  for (;;) {
    fiber_.wait(wasm::Hold::release);
    if (ends_) return;
    try {
      body_(env_);
    } catch (const wasm::FiberDropped&) {
      throw;
    } catch (...) {
      failure_ = std::current_exception();
    }
    body_ = nullptr;
  }
}

JobStack::JobStack(Idle& idle, void (*body)(void* env), void* env) : idle_(idle), job_(std::move(idle.back())) {
  idle.pop_back();
  job_->body_ = body;
  job_->env_ = env;
}

JobStack::~JobStack() {
  if (job_->body_ == nullptr) idle_.push_back(std::move(job_));
}

State JobStack::resume() {
  const State state = run(job_->store_, job_->fiber_);
  // The fiber ends when it cannot go on: its stack is used up, or could not be had.
  if (state == State::ended && job_->fiber_.failure() != nullptr) std::rethrow_exception(job_->fiber_.failure());
  if (state != State::blocked || job_->body_ != nullptr) return state;
  if (job_->failure_ != nullptr) std::rethrow_exception(std::exchange(job_->failure_, nullptr));
  return State::ended;
}

}  // namespace weft::component
