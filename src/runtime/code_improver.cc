#include "runtime/code_improver.h"

#include <sys/eventfd.h>

namespace weft::runtime {

CodeImprover::~CodeImprover() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    tasks_.clear();
    if (cancel_) eventfd_write(cancel_.get(), 1);
  }
  changed_.notify_all();
  if (worker_.joinable()) worker_.join();
}

void CodeImprover::add(QuickModules modules) {
  std::lock_guard lock(mutex_);
  if (!worker_.joinable()) {
    cancel_ = FileDescriptor(eventfd(0, EFD_CLOEXEC));
    // Without a way to end it, it is not begun: quick code does.
    if (!cancel_) return;
    worker_ = std::thread([this] { work(); });
  }
  tasks_.push_back({Clock::now() + delay_, std::move(modules)});
  changed_.notify_all();
}

void CodeImprover::settle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return tasks_.empty() && !busy_; });
}

void CodeImprover::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_) return;
    const Clock::time_point begin = tasks_.front().begin;  // a copy: the tasks may be gone when it is looked at
    if (changed_.wait_until(lock, begin, [this] { return stopping_; })) return;
    QuickModules task = std::move(tasks_.front().modules);
    tasks_.pop_front();
    busy_ = true;
    lock.unlock();
    // A failure is nobody's: the quick code stays, and the next start tries again.
    if (auto better = compile_(task.modules, cancel_.get())) task.replace(*std::move(better));
    task = {};
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace weft::runtime
