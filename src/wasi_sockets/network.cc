#include "wasi_sockets/network.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "wasi/p2.h"

namespace weft::wasi_sockets {
namespace {

namespace ip = boost::asio::ip;
using bind::Borrow;
using bind::Host;
using bind::Own;

Ipv4Address to_tuple(const ip::address_v4::bytes_type& b) {
  return {b[0], b[1], b[2], b[3]};
}

Ipv6Address to_tuple(const std::array<std::uint8_t, 16>& b) {
  const auto group = [&](std::size_t i) { return static_cast<std::uint16_t>(b[2 * i] << 8 | b[2 * i + 1]); };
  return {group(0), group(1), group(2), group(3), group(4), group(5), group(6), group(7)};
}

std::array<std::uint8_t, 16> to_bytes(const Ipv6Address& address) {
  std::array<std::uint8_t, 16> bytes;
  std::size_t at = 0;
  const auto put = [&](std::uint16_t group) {
    bytes[at++] = static_cast<std::uint8_t>(group >> 8);
    bytes[at++] = static_cast<std::uint8_t>(group);
  };
  std::apply([&](auto... groups) { (put(groups), ...); }, address);
  return bytes;
}

// ::a.b.c.d, withdrawn since RFC 4291: systems differ in what they make of it.
bool is_v4_compatible(const ip::address_v6& address) {
  const auto bytes = address.to_bytes();
  for (std::size_t i = 0; i < 12; ++i) {
    if (bytes[i] != 0) return false;
  }
  return !address.is_unspecified() && !address.is_loopback();
}

std::optional<ErrorCode> network_error_code(Host, Borrow<wasi::IoError> error) {
  const auto* of_socket = dynamic_cast<const SocketError*>(&*error);
  if (of_socket == nullptr) return std::nullopt;
  return of_socket->code();
}

Own<Network> instance_network(Host) {
  return std::make_unique<Network>();
}

}  // namespace

ErrorCode error_code_of(int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
      return ErrorCode::access_denied;
    case EOPNOTSUPP:
    case ENOPROTOOPT:
    case EPFNOSUPPORT:
    case EPROTONOSUPPORT:
    case EPROTOTYPE:
    case ESOCKTNOSUPPORT:
    case EAFNOSUPPORT:
      return ErrorCode::not_supported;
    case EINVAL:
      return ErrorCode::invalid_argument;
    case ENOMEM:
    case ENOBUFS:
      return ErrorCode::out_of_memory;
    case ETIMEDOUT:
      return ErrorCode::timeout;
    case EALREADY:
      return ErrorCode::concurrency_conflict;
    case EAGAIN:
      return ErrorCode::would_block;
    case EISCONN:
    case ENOTCONN:
    case EDESTADDRREQ:
      return ErrorCode::invalid_state;
    case EMFILE:
    case ENFILE:
      return ErrorCode::new_socket_limit;
    case EADDRNOTAVAIL:
      return ErrorCode::address_not_bindable;
    case EADDRINUSE:
      return ErrorCode::address_in_use;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ENONET:
      return ErrorCode::remote_unreachable;
    case ECONNREFUSED:
      return ErrorCode::connection_refused;
    case ECONNRESET:
      return ErrorCode::connection_reset;
    case ECONNABORTED:
      return ErrorCode::connection_aborted;
    case EMSGSIZE:
      return ErrorCode::datagram_too_large;
    default:
      return ErrorCode::unknown;
  }
}

std::unexpected<ErrorCode> socket_error_of(int error_number) {
  return std::unexpected(error_code_of(error_number));
}

SocketError::SocketError(ErrorCode code)
    : IoError("the socket operation failed: " + std::string(weft_labels(code)[static_cast<std::size_t>(code)])),
      code_(code) {}

IpAddress to_ip_address(const ip::address& address) {
  if (address.is_v4()) return Ipv4AddressCase{to_tuple(address.to_v4().to_bytes())};
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return Ipv4AddressCase{to_tuple(ip::make_address_v4(ip::v4_mapped, v6).to_bytes())};
  return Ipv6AddressCase{to_tuple(v6.to_bytes())};
}

Endpoint::Endpoint(const IpSocketAddress& address) : address_{} {
  if (const auto* given = std::get_if<Ipv4SocketAddressCase>(&address)) {
    address_.v4.sin_family = AF_INET;
    address_.v4.sin_port = htons(given->value.port);
    const auto bytes =
        std::apply([](auto... parts) { return std::array<std::uint8_t, 4>{parts...}; }, given->value.address);
    std::memcpy(&address_.v4.sin_addr, bytes.data(), bytes.size());
    return;
  }
  const Ipv6SocketAddress& given = std::get<Ipv6SocketAddressCase>(address).value;
  address_.v6.sin6_family = AF_INET6;
  address_.v6.sin6_port = htons(given.port);
  address_.v6.sin6_flowinfo = htonl(given.flow_info);
  const auto bytes = to_bytes(given.address);
  std::memcpy(&address_.v6.sin6_addr, bytes.data(), bytes.size());
  address_.v6.sin6_scope_id = given.scope_id;
}

Endpoint Endpoint::any(IpAddressFamily family) {
  if (family == IpAddressFamily::ipv4) return Endpoint(IpSocketAddress(Ipv4SocketAddressCase{}));
  return Endpoint(IpSocketAddress(Ipv6SocketAddressCase{}));
}

IpSocketAddress Endpoint::to_wit() const {
  if (is_v4()) return Ipv4SocketAddressCase{{port(), to_tuple(ip().to_v4().to_bytes())}};
  return Ipv6SocketAddressCase{
      {port(), ntohl(address_.v6.sin6_flowinfo), to_tuple(ip().to_v6().to_bytes()), address_.v6.sin6_scope_id}};
}

std::uint16_t Endpoint::port() const {
  return ntohs(is_v4() ? address_.v4.sin_port : address_.v6.sin6_port);
}

ip::address Endpoint::ip() const {
  if (is_v4()) return ip::address_v4(ntohl(address_.v4.sin_addr.s_addr));
  ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &address_.v6.sin6_addr, bytes.size());
  return ip::address_v6(bytes, address_.v6.sin6_scope_id);
}

std::string Endpoint::host() const {
  const ip::address address = ip();
  if (address.is_v4()) return address.to_string();
  return "[" + ip::address_v6(address.to_v6().to_bytes()).to_string() + "]";
}

bool Endpoint::is_of(IpAddressFamily expected) const {
  if (family() != expected) return false;
  if (is_v4()) return true;
  const ip::address_v6 address = ip().to_v6();
  return !address.is_v4_mapped() && !is_v4_compatible(address);
}

bool Endpoint::is_unicast_of(IpAddressFamily expected) const {
  return is_of(expected) && !ip().is_multicast() && !(is_v4() && ip() == ip::address_v4::broadcast());
}

bool Endpoint::is_remote() const {
  return port() != 0 && !is_unspecified();
}

void add_network(bind::Registry& registry, std::string_view version) {
  registry.interface(wasi::p2::versioned("wasi:sockets/network", version))
      .resource<Network>()
      .func<&network_error_code>("network-error-code");
  registry.interface(wasi::p2::versioned("wasi:sockets/instance-network", version))
      .func<&instance_network>("instance-network");
}

}  // namespace weft::wasi_sockets
