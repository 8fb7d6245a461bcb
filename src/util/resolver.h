// Name look-ups that no loop waits for.
//
// getaddrinfo blocks and cannot be interrupted, and it is the one look-up that follows the machine's own configuration
// (hosts file, name service switch). So a few threads call it, for all loops together.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "util/async.h"
#include "util/pinned.h"

namespace weft {

// Thread-safe. Destroyed before the loops that it answers to; waits for the look-ups under way.
class Resolver : Pinned {
 public:
  struct Answer {
    std::vector<boost::asio::ip::address> addresses;  // in the order in which they are to be tried
    int error = 0;                                    // getaddrinfo's EAI_* code; addresses is empty then
  };
  // What a look-up does; replaceable in tests. Called on the resolver's threads.
  using Lookup = std::function<Answer(const std::string& host)>;

  // Look-ups under way at once. A name whose servers never answer holds one of them for seconds.
  static constexpr std::size_t max_threads = 4;
  // Look-ups that wait for a thread; more is a flood.
  static constexpr std::size_t max_queued = 1024;

  Resolver();
  explicit Resolver(Lookup lookup) : lookup_(std::move(lookup)) {}
  ~Resolver();

  // Calls `done` on `loop`, later. False: too many are queued, and `done` is not called.
  bool resolve(Loop& loop, std::string host, std::function<void(Answer)> done);

 private:
  struct Job {
    boost::asio::executor_work_guard<Executor> work;  // the loop runs on until it has its answer
    std::string host;
    std::function<void(Answer)> done;
  };
  void run();

  Lookup lookup_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // started when there is something to look up
};

}  // namespace weft
