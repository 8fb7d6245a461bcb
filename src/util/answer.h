// One result that another thread makes and a coroutine of a loop waits for.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "util/async.h"
#include "util/event.h"
#include "util/pinned.h"

namespace weft {

// An answer of any type, for those who only deliver it.
class PendingAnswer : Pinned {
 public:
  explicit PendingAnswer(Loop& loop) : loop_(loop), work_(boost::asio::make_work_guard(loop)), event_(loop) {}
  virtual ~PendingAnswer() = default;

 protected:
  friend void deliver(std::vector<std::shared_ptr<PendingAnswer>> answers);
  Loop& loop_;
  boost::asio::executor_work_guard<Executor> work_;  // the loop runs on until it has its answer
  Event event_;
};

// Shared by both sides. The maker calls set(), the last of which counts, and then deliver(), on any one thread; the
// loop calls wait() once, before or after. Whoever makes answers is stopped before the loops that wait for them are
// destroyed.
template <class T>
class Answer final : public PendingAnswer {
 public:
  using PendingAnswer::PendingAnswer;
  void set(T value) { value_.emplace(std::move(value)); }
  awaitable<T> wait() {
    co_await event_.wait();
    co_return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

// Hands answers to their loops, as few times as there are loops: waking a loop costs a system call.
inline void deliver(std::vector<std::shared_ptr<PendingAnswer>> answers) {
  while (!answers.empty()) {
    Loop& loop = answers.front()->loop_;
    std::vector<std::shared_ptr<PendingAnswer>> here, elsewhere;
    for (auto& answer : answers) (&answer->loop_ == &loop ? here : elsewhere).push_back(std::move(answer));
    boost::asio::post(loop, [here = std::move(here)] {
      for (const auto& answer : here) {
        answer->work_.reset();
        answer->event_.notify();
      }
    });
    answers = std::move(elsewhere);
  }
}

}  // namespace weft
