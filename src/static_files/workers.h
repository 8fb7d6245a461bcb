// Threads for what would make a loop wait: disks, and long computations.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "util/async.h"
#include "util/pinned.h"

namespace weft::static_files {

// Thread-safe. Destroyed before the loops that it answers to; waits for the jobs under way.
class Workers : Pinned {
 public:
  // Jobs that wait for a thread; more is a flood, or a disk that has stopped.
  static constexpr std::size_t max_queued = 1024;

  explicit Workers(std::size_t max_threads) : max_threads_(max_threads) {}
  ~Workers();

  // Calls `work` on a thread of its own, then `done` on `loop`. False: too many are queued, and neither is called. What
  // `work` throws is dropped: what it was to make is then missing.
  [[nodiscard]] bool run(Loop& loop, std::function<void()> work, std::function<void()> done);

 private:
  struct Job {
    boost::asio::executor_work_guard<Executor> guard;  // the loop runs on until it has its answer
    std::function<void()> work;
    std::function<void()> done;
  };
  void serve();

  const std::size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // started when there is something to do
};

// All that a process's loops share to serve files.
struct Disk {
  // Reads of what is not in memory: enough to keep a disk busy, few enough for a machine whose disk has stopped.
  Workers reading{4};
  // Hashing and compressing: leaves processors to the loops.
  Workers preparing{2};
};

}  // namespace weft::static_files
