#include "wasi_sockets/open_socket.h"

#include <poll.h>

#include <cerrno>

namespace weft::wasi_sockets {
namespace {

using wasi::OpenFileLimit;

// A place in the limit until a socket takes it over.
class Place {
 public:
  explicit Place(OpenFileLimit* limit) : limit_(limit), taken_(limit == nullptr || limit->take()) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (taken_ && limit_ != nullptr) limit_->give_back();
  }
  bool taken() const { return taken_; }
  void keep() { limit_ = nullptr; }

 private:
  OpenFileLimit* limit_;
  bool taken_;
};

// accept() passes on what befell the new connection before it was accepted; the listening socket is well.
bool befell_the_connection(int error) {
  switch (error) {
    case ECONNRESET:
    case ENETRESET:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENETUNREACH:
    case EPROTO:
    case ENOPROTOOPT:
    case ENONET:
    case EOPNOTSUPP:
      return true;
    default:
      return false;
  }
}

template <class Call>
SocketResult<Endpoint> address(Call call, int fd) {
  Endpoint endpoint;
  socklen_t size = Endpoint::capacity;
  if (call(fd, endpoint.data(), &size) != 0) return socket_error_of(errno);
  return endpoint;
}

}  // namespace

SocketResult<std::shared_ptr<OpenSocket>> OpenSocket::create(Loop& loop, IpAddressFamily family, int type,
                                                             std::shared_ptr<OpenFileLimit> limit) {
  Place place(limit.get());
  if (!place.taken()) return socket_error(ErrorCode::new_socket_limit);
  const bool v6 = family == IpAddressFamily::ipv6;
  FileDescriptor file(::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!file) return socket_error_of(errno);
  const int on = 1;
  if (v6 && setsockopt(file.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) return socket_error_of(errno);
  std::shared_ptr<OpenSocket> made(new OpenSocket(loop, std::move(file), family, std::move(limit)));
  place.keep();
  return made;
}

SocketResult<std::shared_ptr<OpenSocket>> OpenSocket::accept() {
  Place place(limit_.get());
  if (!place.taken()) return socket_error(ErrorCode::new_socket_limit);
  FileDescriptor file(::accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!file) {
    const int error = errno;
    return socket_error_of(befell_the_connection(error) ? ECONNABORTED : error == EINTR ? EAGAIN : error);
  }
  std::shared_ptr<OpenSocket> made(new OpenSocket(loop_, std::move(file), family_, limit_));
  place.keep();
  return made;
}

OpenSocket::~OpenSocket() {
  if (waiter_) waiter_->release();
  // The place is free only when the socket is.
  file_ = FileDescriptor();
  if (limit_ != nullptr) limit_->give_back();
}

SocketResult<Endpoint> OpenSocket::local_address() const {
  return address(::getsockname, fd());
}

SocketResult<Endpoint> OpenSocket::remote_address() const {
  return address(::getpeername, fd());
}

bool OpenSocket::look(Direction& direction, Descriptor::wait_type type) {
  pollfd socket{.fd = fd(), .events = type == Descriptor::wait_read ? short{POLLIN} : short{POLLOUT}, .revents = 0};
  if (::poll(&socket, 1, 0) > 0) return true;
  if (direction.signal.has_subscribers()) wait(direction, type);
  return false;
}

host::Signal& OpenSocket::when_readable() {
  wait(reading_, Descriptor::wait_read);
  return reading_.signal;
}

host::Signal& OpenSocket::when_writable() {
  wait(writing_, Descriptor::wait_write);
  return writing_.signal;
}

void OpenSocket::call_when_writable(std::function<void()> callback) {
  on_writable_ = std::move(callback);
  if (on_writable_) wait(writing_, Descriptor::wait_write);
}

void OpenSocket::wait(Direction& direction, Descriptor::wait_type type) {
  if (direction.waiting) return;
  if (!waiter_) {
    waiter_.emplace(loop_);
    boost::system::error_code error;
    waiter_->assign(fd(), error);
    if (error) {
      // No memory in the kernel to watch it: whoever waits looks again at once, until there is some.
      waiter_.reset();
      boost::asio::post(loop_, [weak = weak_from_this(), &direction] {
        if (const auto self = weak.lock()) direction.signal.notify();
      });
      return;
    }
  }
  direction.waiting = true;
  waiter_->async_wait(type, [weak = weak_from_this(), &direction](boost::system::error_code error) {
    const auto self = weak.lock();
    if (self == nullptr || error == boost::asio::error::operation_aborted) return;
    direction.waiting = false;
    if (&direction == &self->writing_ && self->on_writable_) std::exchange(self->on_writable_, nullptr)();
    direction.signal.notify();
  });
}

}  // namespace weft::wasi_sockets
