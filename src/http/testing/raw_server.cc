#include "http/testing/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace weft::http::testing {
namespace {

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in loopback(unsigned short port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int listen_on_free_port(int backlog, unsigned short& port) {
  const int listener = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address = loopback(0);
  check(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  check(listen(listener, backlog), "listen");
  socklen_t size = sizeof address;
  check(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  port = ntohs(address.sin_port);
  return listener;
}

}  // namespace

Peer::~Peer() {
  if (socket_ >= 0) shutdown(socket_, SHUT_RDWR);
}

bool Peer::receive() {
  char bytes[16 << 10];
  const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  received_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string Peer::read_head() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return std::exchange(received_, {});
  }
  return read(end + 4);
}

std::string Peer::read(std::size_t count) {
  while (received_.size() < count && receive()) {
  }
  const std::string out = received_.substr(0, count);
  received_.erase(0, count);
  return out;
}

std::string Peer::read_to_end() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

bool Peer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Peer::reset() {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  // The descriptor stays the server's to close; an unconnected address resets it now.
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  connect(socket_, &nowhere, sizeof nowhere);
}

RawServer::RawServer(Script script) : script_(std::move(script)), listener_(listen_on_free_port(128, port_)) {
  acceptor_ = std::jthread([this] { accept(); });
}

RawServer::~RawServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  scripts_.clear();
  for (const int socket : sockets_) close(socket);
  close(listener_);
}

void RawServer::accept() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    scripts_.emplace_back([this, socket, number = connections_++] {
      {
        Peer peer(socket, number);
        script_(peer);
      }
      const std::lock_guard ended_lock(mutex_);
      ended_.insert(number);
      ended_changed_.notify_all();
    });
  }
}

void RawServer::wait_for_end(unsigned number) {
  std::unique_lock lock(mutex_);
  ended_changed_.wait(lock, [&] { return ended_.contains(number); });
}

UnansweredPort::UnansweredPort() : listener_(listen_on_free_port(0, port_)) {
  // The kernel's queue takes one more than it was told; what comes after is dropped without a word.
  const sockaddr_in address = loopback(port_);
  for (int i = 0; i < 4; ++i) {
    const int filler = check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    fillers_.push_back(filler);
    pollfd waiting{.fd = filler, .events = POLLOUT, .revents = 0};
    if (poll(&waiting, 1, 100) == 0) break;
  }
}

UnansweredPort::~UnansweredPort() {
  for (const int filler : fillers_) close(filler);
  close(listener_);
}

unsigned short closed_port() {
  unsigned short port = 0;
  close(listen_on_free_port(1, port));
  return port;
}

}  // namespace weft::http::testing
