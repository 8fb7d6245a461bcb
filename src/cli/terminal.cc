#include "cli/terminal.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace weft::cli {
namespace {

// How long the first line waits for others, and for how many. Nobody who reads along notices.
constexpr std::chrono::milliseconds gather{5};
constexpr std::size_t gather_bytes = 64 << 10;

}  // namespace

Terminal::Terminal(int file) : file_(file), thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

Terminal::~Terminal() = default;

void Terminal::write_line(const host::RequestContext& context, wasi::StandardStream, std::string_view line) noexcept {
  say(context.component, line);
}

void Terminal::say(std::string_view component, std::string_view line) noexcept try {
  constexpr std::size_t around = 4;  // "[] " and the newline
  const std::lock_guard lock(mutex_);
  if (waiting_.size() + component.size() + line.size() + around > max_waiting_bytes) {
    ++dropped_;
    return;
  }
  const bool first = waiting_.empty();
  waiting_.append("[").append(component).append("] ").append(line).append("\n");
  // Whoever writes takes all that waits.
  if (first || waiting_.size() >= gather_bytes) more_.notify_one();
} catch (...) {
  // No memory for a line: it is lost, nothing else is.
}

void Terminal::run(std::stop_token stop) {
  for (;;) {
    std::string text;
    {
      std::unique_lock lock(mutex_);
      more_.wait(lock, stop, [this] { return !waiting_.empty(); });
      if (waiting_.empty()) return;
      // Waking up and writing cost much more than a line: others that come at once go along.
      more_.wait_for(lock, stop, gather, [this] { return waiting_.size() >= gather_bytes; });
      text = std::exchange(waiting_, {});
      if (dropped_ > 0) {
        text += "(" + std::to_string(std::exchange(dropped_, 0)) +
                " lines were dropped: they came faster than standard error takes them)\n";
      }
    }
    if (!write_all(text, stop) && stop.stop_requested()) return;
  }
}

bool Terminal::write_all(std::string_view text, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds look_again(100);
  std::chrono::milliseconds patience(1000);
  while (!text.empty()) {
    pollfd file{.fd = file_, .events = POLLOUT, .revents = 0};
    const int ready = poll(&file, 1, static_cast<int>(look_again.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) {
      if (stop.stop_requested() && (patience -= look_again) <= look_again) return false;
      continue;
    }
    // A pipe that is ready takes this much without waiting.
    const ssize_t written = write(file_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace weft::cli
