#include "http/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <stdexcept>

namespace weft::http::testing {
namespace {

constexpr timeval patience{.tv_sec = 20, .tv_usec = 0};

}  // namespace

RawClient::RawClient() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (!socket_) throw std::runtime_error("no socket");
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

void RawClient::set_receive_buffer(int bytes) {
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void RawClient::connect(unsigned short port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::optional<std::string> RawClient::receive() {
  if (!received_.empty()) return std::exchange(received_, {});
  char bytes[64 << 10];
  const ssize_t count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
  if (count >= 0) return std::string(bytes, static_cast<std::size_t>(count));
  if (errno == EAGAIN) throw std::runtime_error("the server sends nothing and does not close");
  return std::nullopt;
}

std::string RawClient::receive_all() {
  std::string all;
  for (;;) {
    const auto more = receive();
    if (!more || more->empty()) return all;
    all += *more;
  }
}

std::string RawClient::receive_until(std::string_view text) {
  std::string all;
  std::size_t at;
  while ((at = all.find(text)) == std::string::npos) {
    const auto more = receive();
    if (!more || more->empty()) throw std::runtime_error("the server closed after: " + all);
    all += *more;
  }
  received_ = all.substr(at + text.size());
  all.resize(at + text.size());
  return all;
}

std::string RawClient::receive_response() {
  std::string response = receive_until("\r\n\r\n");
  constexpr std::string_view name = "\r\ncontent-length: ";
  const std::size_t at = response.find(name);
  std::size_t left = 0;
  if (at != std::string::npos) {
    std::from_chars(response.data() + at + name.size(), response.data() + response.size(), left);
  }
  while (left > 0) {
    const auto more = receive();
    if (!more || more->empty()) throw std::runtime_error("the server closed within a body");
    const std::size_t take = std::min(left, more->size());
    response += more->substr(0, take);
    received_ = more->substr(take);
    left -= take;
  }
  return response;
}

void RawClient::half_close() {
  ::shutdown(socket_.get(), SHUT_WR);
}

void RawClient::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace weft::http::testing
