// A socket of the operating system, non-blocking, counted, and how to wait for it on a loop.
#pragma once

#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "host/signal.h"
#include "util/async.h"
#include "util/file_descriptor.h"
#include "util/pinned.h"
#include "wasi/open_file.h"
#include "wasi_sockets/network.h"

namespace weft::wasi_sockets {

// Shared by a guest's socket, its streams and its pollables; closed with the last of them. One loop.
class OpenSocket : Pinned, public std::enable_shared_from_this<OpenSocket> {
 public:
  // `type` is SOCK_STREAM or SOCK_DGRAM. On IPv6 sockets IPV6_V6ONLY is set, as the interface says. new-socket-limit
  // when `limit`, which may be null, gives no place.
  static SocketResult<std::shared_ptr<OpenSocket>> create(Loop& loop, IpAddressFamily family, int type,
                                                          std::shared_ptr<wasi::OpenFileLimit> limit);
  // The next connection of this listening socket; would-block when there is none.
  SocketResult<std::shared_ptr<OpenSocket>> accept();
  ~OpenSocket();

  int fd() const { return file_.get(); }
  IpAddressFamily family() const { return family_; }
  SocketResult<Endpoint> local_address() const;
  SocketResult<Endpoint> remote_address() const;

  // Whether a read, or a write, would do something: also when it would fail. While somebody waits for it, a no is
  // looked at again when that may have changed.
  bool readable() { return look(reading_, Descriptor::wait_read); }
  bool writable() { return look(writing_, Descriptor::wait_write); }
  // Notified when that may have become so; waits for it from now on.
  host::Signal& when_readable();
  host::Signal& when_writable();
  // Called on the loop, once, when the socket becomes writable; replaces an earlier one. An empty one is not called.
  void call_when_writable(std::function<void()> callback);

 private:
  using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
  struct Direction {
    host::Signal signal;
    bool waiting = false;
  };

  OpenSocket(Loop& loop, FileDescriptor file, IpAddressFamily family, std::shared_ptr<wasi::OpenFileLimit> limit)
      : loop_(loop), file_(std::move(file)), family_(family), limit_(std::move(limit)) {}
  bool look(Direction& direction, Descriptor::wait_type type);
  void wait(Direction& direction, Descriptor::wait_type type);

  Loop& loop_;
  FileDescriptor file_;
  IpAddressFamily family_;
  std::shared_ptr<wasi::OpenFileLimit> limit_;
  std::optional<Descriptor> waiter_;  // made when something is waited for; does not own the file
  Direction reading_, writing_;
  std::function<void()> on_writable_;
};

}  // namespace weft::wasi_sockets
