#include "static_files/workers.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace weft::static_files {

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  wake_.notify_all();
}

bool Workers::run(Loop& loop, std::function<void()> work, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= max_queued) return false;
    queue_.push_back({boost::asio::make_work_guard(loop), std::move(work), std::move(done)});
    if (idle_ < queue_.size() && threads_.size() < max_threads_) threads_.emplace_back([this] { serve(); });
  }
  wake_.notify_one();
  return true;
}

void Workers::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    try {
      job.work();
    } catch (...) {
      // No memory for it, at worst; `done` finds nothing made.
    }
    // What both hold belongs to the loop and must end there.
    boost::asio::post(job.guard.get_executor(), [work = std::move(job.work), done = std::move(job.done)] { done(); });
    job.guard.reset();
    lock.lock();
  }
}

}  // namespace weft::static_files
