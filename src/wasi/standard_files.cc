#include "wasi/standard_files.h"

#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>

namespace weft::wasi {
namespace {

StreamError failed(int error_number) {
  if (error_number == EPIPE || error_number == ECONNRESET) return Closed{};
  return stream_failed(std::strerror(error_number));
}

bool is_regular(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

StandardFile::StandardFile(Loop& loop, int fd, std::uint32_t events)
    : loop_(loop), fd_(fd), events_(events), terminal_(isatty(fd) != 0) {}

StandardFile::~StandardFile() = default;

bool StandardFile::file_ready() const {
  pollfd file{.fd = fd_, .events = events_ == EPOLLIN ? short{POLLIN} : short{POLLOUT}, .revents = 0};
  return ::poll(&file, 1, 0) > 0;
}

bool StandardFile::look() {
  if (file_ready()) return true;
  if (signal_.has_subscribers()) watch();
  return false;
}

host::Signal& StandardFile::signal() {
  watch();
  return signal_;
}

bool StandardFile::make_waiter() {
  FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{.events = events_, .data = {}};
  // Regular files cannot be watched: they are always ready.
  if (!epoll || epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd_, &event) != 0) return false;
  Waiter waiter(loop_);
  boost::system::error_code error;
  waiter.assign(epoll.get(), error);
  if (error) return false;
  (void)epoll.release();
  waiter_ = std::move(waiter);
  return true;
}

void StandardFile::watch() {
  if (std::exchange(watching_, true)) return;
  const auto look_again = [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->watching_ = false;
    self->on_ready();
    self->signal_.notify();
  };
  if (!waiter_ && !make_waiter()) {
    boost::asio::post(loop_, look_again);
    return;
  }
  waiter_->async_wait(Waiter::wait_read, [look_again](boost::system::error_code error) {
    if (error != boost::asio::error::operation_aborted) look_again();
  });
}

StreamResult<std::vector<std::byte>> StandardInput::read(std::uint64_t max) {
  if (ended_) return std::unexpected(Closed{});
  if (max == 0 || !file_ready()) return {};
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(max, max_read_bytes)));
  const ssize_t got = ::read(fd_, bytes.data(), bytes.size());
  // Somebody else was quicker, or made the file non-blocking.
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  if (got <= 0) {
    ended_ = true;
    if (got == 0) return std::unexpected(Closed{});
    return std::unexpected(failed(errno));
  }
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

StandardOutput::StandardOutput(Loop& loop, int fd) : StandardFile(loop, fd, EPOLLOUT), regular_(is_regular(fd)) {}

std::unexpected<StreamError> StandardOutput::failure() const {
  return std::unexpected(failed(failed_));
}

StreamResult<std::uint64_t> StandardOutput::permit() {
  pass_on();
  if (failed_ != 0) return failure();
  return pending_.empty() ? max_write_permit : 0;
}

StreamResult<void> StandardOutput::write(std::span<const std::byte> bytes) {
  if (failed_ != 0) return failure();
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  pass_on();
  if (failed_ != 0) return failure();
  if (!pending_.empty()) watch();
  return {};
}

void StandardOutput::pass_on() {
  std::size_t done = 0;
  while (done < pending_.size() && failed_ == 0 && file_ready()) {
    // A pipe or a terminal that is ready takes this much without waiting.
    const std::size_t most = regular_ ? pending_.size() : std::size_t{PIPE_BUF};
    const ssize_t put = ::write(fd_, pending_.data() + done, std::min(pending_.size() - done, most));
    if (put >= 0)
      done += static_cast<std::size_t>(put);
    else if (errno == EAGAIN)
      break;
    else if (errno != EINTR)
      failed_ = errno;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
  if (failed_ != 0) pending_.clear();
  if (!pending_.empty()) watch();
}

bool StandardOutput::drain(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    pass_on();
    if (pending_.empty()) return failed_ == 0;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd file{.fd = fd_, .events = POLLOUT, .revents = 0};
    ::poll(&file, 1, static_cast<int>(std::min<std::int64_t>(left, INT_MAX)));
  }
}

StandardFiles StandardFiles::of_process(Loop& loop) {
  return {.input = std::make_shared<StandardInput>(loop, STDIN_FILENO),
          .output = std::make_shared<StandardOutput>(loop, STDOUT_FILENO),
          .error = std::make_shared<StandardOutput>(loop, STDERR_FILENO)};
}

}  // namespace weft::wasi
