// Lines for standard error, written by a thread of their own: a terminal that is stopped, or a pipe that nobody reads,
// must not stop the loops that serve requests.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "util/pinned.h"
#include "wasi/standard_output.h"

namespace weft::cli {

// Thread-safe.
class Terminal final : public wasi::OutputSink, Pinned {
 public:
  // Bytes waiting to be written. Guests may write faster than anybody reads; what is beyond is dropped and counted.
  static constexpr std::size_t max_waiting_bytes = 1 << 20;

  // `file` stays the caller's.
  explicit Terminal(int file);
  // Writes what waits, for at most a second.
  ~Terminal();

  // Both streams of a component, as "[component] line".
  void write_line(const host::RequestContext& context, wasi::StandardStream stream,
                  std::string_view line) noexcept override;
  void say(std::string_view component, std::string_view line) noexcept;

 private:
  void run(std::stop_token stop);
  // False: gives up what is left, since nobody reads it or the time is over.
  bool write_all(std::string_view text, const std::stop_token& stop);

  const int file_;
  std::mutex mutex_;
  std::condition_variable_any more_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
  std::jthread thread_;
};

}  // namespace weft::cli
