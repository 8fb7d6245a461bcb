// Stacks that are threads of the operating system, of which one at a time runs: for tests without an engine.
#pragma once

#include <exception>
#include <memory>
#include <semaphore>
#include <thread>

#include "task/thread.h"

namespace weft::task::testing {

class FakeStack final : public Stack {
 public:
  FakeStack(void (*body)(void* env), void* env) : body_(body), env_(env) {}
  ~FakeStack() override {
    if (!thread_.joinable()) return;
    if (!ended_) {
      dropped_ = true;
      go_.release();
    }
    thread_.join();
  }

  State resume() override {
    if (thread_.joinable()) {
      go_.release();
    } else {
      thread_ = std::thread([this] {
        try {
          body_(env_);
        } catch (const Dropped&) {
        } catch (...) {
          failure_ = std::current_exception();
        }
        ended_ = true;
        back_.release();
      });
    }
    back_.acquire();
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    return ended_ ? State::ended : State::blocked;
  }

  void block() override {
    back_.release();
    go_.acquire();
    if (dropped_) throw Dropped();
  }

 private:
  struct Dropped {};
  void (*const body_)(void* env);
  void* const env_;
  std::thread thread_;
  std::binary_semaphore go_{0}, back_{0};
  bool ended_ = false, dropped_ = false;
  std::exception_ptr failure_;
};

class FakeStacks final : public Stacks {
 public:
  std::unique_ptr<Stack> make(void (*body)(void* env), void* env) override {
    return std::make_unique<FakeStack>(body, env);
  }
};

}  // namespace weft::task::testing
