// Standard input, output and error of this process, lent to the one guest that it runs.
//
// Other processes have the same files (a shell, whoever holds the other end of a pipe), so nothing of them is changed,
// not even that they wait: each is asked whether it is ready, and then given no more than it takes at once. Belongs to
// one loop, which watches them as long as somebody waits.
#pragma once

#include <sys/epoll.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/signal.h"
#include "util/async.h"
#include "util/file_descriptor.h"
#include "util/pinned.h"
#include "wasi/streams.h"

namespace weft::wasi {

// One of the files, and how to wait for it. Always held by a shared_ptr.
class StandardFile : public host::Pollable, public std::enable_shared_from_this<StandardFile>, Pinned {
 public:
  bool is_terminal() const { return terminal_; }
  host::Signal& signal() override;

 protected:
  // `events`: EPOLLIN or EPOLLOUT. `fd` stays the caller's.
  StandardFile(Loop& loop, int fd, std::uint32_t events);
  ~StandardFile() override;
  // Whether a read, or a write of a few bytes, would do something at once: also when it would fail.
  bool file_ready() const;
  // As file_ready, asked by whoever waits, or will: Asio's notice may have been of what is past, and comes once.
  bool look();
  // Calls on_ready(), and notifies, when that may have become so.
  void watch();
  virtual void on_ready() {}

  Loop& loop_;
  const int fd_;

 private:
  using Waiter = boost::asio::posix::basic_stream_descriptor<Executor>;
  bool make_waiter();

  const std::uint32_t events_;
  const bool terminal_;
  bool watching_ = false;
  host::Signal signal_;
  // An epoll descriptor that has nothing but the file: Asio would make the file itself non-blocking.
  std::optional<Waiter> waiter_;
};

class StandardInput final : public StandardFile {
 public:
  StandardInput(Loop& loop, int fd) : StandardFile(loop, fd, EPOLLIN) {}
  // As InputStream::read. The end is the end for good.
  StreamResult<std::vector<std::byte>> read(std::uint64_t max);
  bool ready() override { return ended_ || look(); }

 private:
  bool ended_ = false;
};

class StandardOutput final : public StandardFile {
 public:
  StandardOutput(Loop& loop, int fd);
  // As OutputStream::check_write and write. A reader that has gone is `closed`.
  StreamResult<std::uint64_t> permit();
  StreamResult<void> write(std::span<const std::byte> bytes);
  bool ready() override { return failed_ != 0 || pending_.empty(); }
  // Waits until what was written is with the system, for at most `patience`. False: it is not.
  bool drain(std::chrono::milliseconds patience);

 private:
  void on_ready() override { pass_on(); }
  // As much of pending_ as the file takes at once.
  void pass_on();
  std::unexpected<StreamError> failure() const;

  bool regular_ = false;
  int failed_ = 0;                  // errno
  std::vector<std::byte> pending_;  // within max_write_permit
};

struct StandardFiles {
  std::shared_ptr<StandardInput> input;
  std::shared_ptr<StandardOutput> output;
  std::shared_ptr<StandardOutput> error;

  // Those of this process.
  static StandardFiles of_process(Loop& loop);
};

}  // namespace weft::wasi
