// The options of sockets that guests may read and set, within limits.
#pragma once

#include <cstdint>

#include "wasi_sockets/open_socket.h"

namespace weft::wasi_sockets {

// What a socket may ask the kernel to buffer in one direction; the kernel's own limit is often lower.
inline constexpr std::uint64_t max_buffer_size = 1 << 20;

// Keep-alive times are nanoseconds. All setters refuse 0 with invalid-argument, and take the nearest value that the
// system knows for every other.
SocketResult<bool> keep_alive_enabled(const OpenSocket& socket);
SocketResult<void> set_keep_alive_enabled(const OpenSocket& socket, bool value);
SocketResult<std::uint64_t> keep_alive_idle_time(const OpenSocket& socket);
SocketResult<void> set_keep_alive_idle_time(const OpenSocket& socket, std::uint64_t value);
SocketResult<std::uint64_t> keep_alive_interval(const OpenSocket& socket);
SocketResult<void> set_keep_alive_interval(const OpenSocket& socket, std::uint64_t value);
SocketResult<std::uint32_t> keep_alive_count(const OpenSocket& socket);
SocketResult<void> set_keep_alive_count(const OpenSocket& socket, std::uint32_t value);
// Sockets of IPv6 are of IPv6 alone, and those of IPv4 have no such option.
SocketResult<bool> ipv6_only(const OpenSocket& socket);
SocketResult<void> set_ipv6_only(const OpenSocket& socket, bool value);
SocketResult<bool> no_delay(const OpenSocket& socket);
SocketResult<void> set_no_delay(const OpenSocket& socket, bool value);
SocketResult<std::uint8_t> hop_limit(const OpenSocket& socket);
SocketResult<void> set_hop_limit(const OpenSocket& socket, std::uint8_t value);
SocketResult<std::uint64_t> receive_buffer_size(const OpenSocket& socket);
SocketResult<void> set_receive_buffer_size(const OpenSocket& socket, std::uint64_t value);
SocketResult<std::uint64_t> send_buffer_size(const OpenSocket& socket);
SocketResult<void> set_send_buffer_size(const OpenSocket& socket, std::uint64_t value);

}  // namespace weft::wasi_sockets
