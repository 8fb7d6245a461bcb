// wasi:sockets/network: addresses and error codes as guests see them, and as the operating system does.
#pragma once

#include <netinet/in.h>

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <expected>
#include <string>
#include <tuple>
#include <variant>

#include "bind/registry.h"
#include "wasi/streams.h"

namespace weft::wasi_sockets {

// enum error-code
enum class ErrorCode : std::uint8_t {
  unknown,
  access_denied,
  not_supported,
  invalid_argument,
  out_of_memory,
  timeout,
  concurrency_conflict,
  not_in_progress,
  would_block,
  invalid_state,
  new_socket_limit,
  address_not_bindable,
  address_in_use,
  remote_unreachable,
  connection_refused,
  connection_reset,
  connection_aborted,
  datagram_too_large,
  name_unresolvable,
  temporary_resolver_failure,
  permanent_resolver_failure,
};

constexpr auto weft_labels(ErrorCode) {
  return bind::labels("unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout",
                      "concurrency-conflict", "not-in-progress", "would-block", "invalid-state", "new-socket-limit",
                      "address-not-bindable", "address-in-use", "remote-unreachable", "connection-refused",
                      "connection-reset", "connection-aborted", "datagram-too-large", "name-unresolvable",
                      "temporary-resolver-failure", "permanent-resolver-failure");
}

template <class T>
using SocketResult = std::expected<T, ErrorCode>;

inline std::unexpected<ErrorCode> socket_error(ErrorCode code) {
  return std::unexpected(code);
}
// The code of an errno; each call documents which it means.
ErrorCode error_code_of(int error_number);
std::unexpected<ErrorCode> socket_error_of(int error_number);

// What a stream over a socket failed with; network-error-code finds the code in it.
class SocketError final : public wasi::IoError {
 public:
  explicit SocketError(ErrorCode code);
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// resource network. There is one network; what of it may be reached is asked for each address.
class Network final : public host::Resource {
 public:
  static constexpr const char* resource_name = "network";
};

// enum ip-address-family
enum class IpAddressFamily : std::uint8_t { ipv4, ipv6 };
constexpr auto weft_labels(IpAddressFamily) {
  return bind::labels("ipv4", "ipv6");
}

using Ipv4Address = std::tuple<std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t>;
using Ipv6Address = std::tuple<std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t,
                               std::uint16_t, std::uint16_t>;

// variant ip-address
struct Ipv4AddressCase {
  Ipv4Address value;
  static constexpr std::string_view label = "ipv4";
};
struct Ipv6AddressCase {
  Ipv6Address value;
  static constexpr std::string_view label = "ipv6";
};
using IpAddress = std::variant<Ipv4AddressCase, Ipv6AddressCase>;

struct Ipv4SocketAddress {
  std::uint16_t port;
  Ipv4Address address;
  static constexpr auto labels = bind::labels("port", "address");
};
struct Ipv6SocketAddress {
  std::uint16_t port;
  std::uint32_t flow_info;
  Ipv6Address address;
  std::uint32_t scope_id;
  static constexpr auto labels = bind::labels("port", "flow-info", "address", "scope-id");
};

// variant ip-socket-address
struct Ipv4SocketAddressCase {
  Ipv4SocketAddress value;
  static constexpr std::string_view label = "ipv4";
};
struct Ipv6SocketAddressCase {
  Ipv6SocketAddress value;
  static constexpr std::string_view label = "ipv6";
};
using IpSocketAddress = std::variant<Ipv4SocketAddressCase, Ipv6SocketAddressCase>;

// An IPv4-mapped address is given as the IPv4 address it is.
IpAddress to_ip_address(const boost::asio::ip::address& address);

// A socket's address as the operating system has it. Value type.
class Endpoint {
 public:
  Endpoint() : address_{} {}
  explicit Endpoint(const IpSocketAddress& address);
  // Any free port, of all the machine's addresses.
  static Endpoint any(IpAddressFamily family);
  IpSocketAddress to_wit() const;

  // For calls that read an address, or write one of at most capacity bytes.
  const sockaddr* data() const { return &address_.any; }
  sockaddr* data() { return &address_.any; }
  socklen_t size() const { return is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6); }
  static constexpr socklen_t capacity = sizeof(sockaddr_in6);

  IpAddressFamily family() const { return is_v4() ? IpAddressFamily::ipv4 : IpAddressFamily::ipv6; }
  std::uint16_t port() const;
  boost::asio::ip::address ip() const;
  // As allow-lists have it: an IPv6 address in brackets, without its scope.
  std::string host() const;

  // Neither multicast nor broadcast; and of IPv6 addresses none that stands for an IPv4 one.
  bool is_unicast_of(IpAddressFamily family) const;
  // Of `family`, as above but for being unicast.
  bool is_of(IpAddressFamily family) const;
  // A place to send to: the address and the port are given.
  bool is_remote() const;
  bool is_unspecified() const { return ip().is_unspecified(); }

  // Address, port and scope; the flow label is not a part of who it is.
  friend bool operator==(const Endpoint& a, const Endpoint& b) { return a.ip() == b.ip() && a.port() == b.port(); }

 private:
  bool is_v4() const { return address_.any.sa_family == AF_INET; }
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } address_;
};

// network and instance-network of a version of WASI 0.2 (wasi/p2.h).
void add_network(bind::Registry& registry, std::string_view version);

inline SocketResult<IpSocketAddress> to_wit(const SocketResult<Endpoint>& endpoint) {
  if (!endpoint) return std::unexpected(endpoint.error());
  return endpoint->to_wit();
}

}  // namespace weft::wasi_sockets
