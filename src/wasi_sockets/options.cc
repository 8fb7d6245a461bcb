#include "wasi_sockets/options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>

namespace weft::wasi_sockets {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
// What Linux takes at most (MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT).
constexpr std::uint64_t max_keep_alive_seconds = 32767;
constexpr std::uint32_t max_keep_alive_count = 127;

struct Option {
  int level;
  int name;
};
constexpr Option keep_alive{SOL_SOCKET, SO_KEEPALIVE};
constexpr Option idle_time{IPPROTO_TCP, TCP_KEEPIDLE};
constexpr Option interval{IPPROTO_TCP, TCP_KEEPINTVL};
constexpr Option count{IPPROTO_TCP, TCP_KEEPCNT};
constexpr Option without_delay{IPPROTO_TCP, TCP_NODELAY};
constexpr Option receive_buffer{SOL_SOCKET, SO_RCVBUF};
constexpr Option send_buffer{SOL_SOCKET, SO_SNDBUF};

Option hops(const OpenSocket& socket) {
  return socket.family() == IpAddressFamily::ipv4 ? Option{IPPROTO_IP, IP_TTL}
                                                  : Option{IPPROTO_IPV6, IPV6_UNICAST_HOPS};
}

SocketResult<int> get(const OpenSocket& socket, Option option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(socket.fd(), option.level, option.name, &value, &size) != 0) return socket_error_of(errno);
  return value;
}

SocketResult<void> set(const OpenSocket& socket, Option option, int value) {
  if (setsockopt(socket.fd(), option.level, option.name, &value, sizeof value) != 0) return socket_error_of(errno);
  return {};
}

template <class T, class F>
SocketResult<T> get_as(const OpenSocket& socket, Option option, F convert) {
  const auto value = get(socket, option);
  if (!value) return std::unexpected(value.error());
  return static_cast<T>(convert(*value));
}

SocketResult<std::uint64_t> get_seconds(const OpenSocket& socket, Option option) {
  return get_as<std::uint64_t>(socket, option, [](int value) { return static_cast<std::uint64_t>(value) * second; });
}

// In whole seconds, at least one.
SocketResult<void> set_seconds(const OpenSocket& socket, Option option, std::uint64_t nanoseconds) {
  if (nanoseconds == 0) return socket_error(ErrorCode::invalid_argument);
  return set(socket, option,
             static_cast<int>(std::clamp<std::uint64_t>(nanoseconds / second, 1, max_keep_alive_seconds)));
}

// Linux doubles what is set, for its own records, and tells the double.
SocketResult<std::uint64_t> get_size(const OpenSocket& socket, Option option) {
  return get_as<std::uint64_t>(socket, option, [](int value) { return value / 2; });
}

SocketResult<void> set_size(const OpenSocket& socket, Option option, std::uint64_t bytes) {
  if (bytes == 0) return socket_error(ErrorCode::invalid_argument);
  return set(socket, option, static_cast<int>(std::min(bytes, max_buffer_size)));
}

}  // namespace

SocketResult<bool> keep_alive_enabled(const OpenSocket& socket) {
  return get_as<bool>(socket, keep_alive, [](int value) { return value != 0; });
}
SocketResult<void> set_keep_alive_enabled(const OpenSocket& socket, bool value) {
  return set(socket, keep_alive, value ? 1 : 0);
}

SocketResult<std::uint64_t> keep_alive_idle_time(const OpenSocket& socket) {
  return get_seconds(socket, idle_time);
}
SocketResult<void> set_keep_alive_idle_time(const OpenSocket& socket, std::uint64_t value) {
  return set_seconds(socket, idle_time, value);
}

SocketResult<std::uint64_t> keep_alive_interval(const OpenSocket& socket) {
  return get_seconds(socket, interval);
}
SocketResult<void> set_keep_alive_interval(const OpenSocket& socket, std::uint64_t value) {
  return set_seconds(socket, interval, value);
}

SocketResult<std::uint32_t> keep_alive_count(const OpenSocket& socket) {
  return get_as<std::uint32_t>(socket, count, [](int value) { return value; });
}
SocketResult<void> set_keep_alive_count(const OpenSocket& socket, std::uint32_t value) {
  if (value == 0) return socket_error(ErrorCode::invalid_argument);
  return set(socket, count, static_cast<int>(std::min(value, max_keep_alive_count)));
}

SocketResult<bool> ipv6_only(const OpenSocket& socket) {
  if (socket.family() == IpAddressFamily::ipv4) return socket_error(ErrorCode::not_supported);
  return true;
}
SocketResult<void> set_ipv6_only(const OpenSocket& socket, bool value) {
  if (socket.family() == IpAddressFamily::ipv4 || !value) return socket_error(ErrorCode::not_supported);
  return {};
}
SocketResult<bool> no_delay(const OpenSocket& socket) {
  return get_as<bool>(socket, without_delay, [](int value) { return value != 0; });
}
SocketResult<void> set_no_delay(const OpenSocket& socket, bool value) {
  return set(socket, without_delay, value ? 1 : 0);
}
SocketResult<std::uint8_t> hop_limit(const OpenSocket& socket) {
  return get_as<std::uint8_t>(socket, hops(socket), [](int value) { return value; });
}
SocketResult<void> set_hop_limit(const OpenSocket& socket, std::uint8_t value) {
  if (value == 0) return socket_error(ErrorCode::invalid_argument);
  return set(socket, hops(socket), value);
}

SocketResult<std::uint64_t> receive_buffer_size(const OpenSocket& socket) {
  return get_size(socket, receive_buffer);
}
SocketResult<void> set_receive_buffer_size(const OpenSocket& socket, std::uint64_t value) {
  return set_size(socket, receive_buffer, value);
}

SocketResult<std::uint64_t> send_buffer_size(const OpenSocket& socket) {
  return get_size(socket, send_buffer);
}
SocketResult<void> set_send_buffer_size(const OpenSocket& socket, std::uint64_t value) {
  return set_size(socket, send_buffer, value);
}

}  // namespace weft::wasi_sockets
