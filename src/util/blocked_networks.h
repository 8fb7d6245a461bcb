// Networks that no guest may reach, whatever its manifest grants: what the site blocks.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string_view>
#include <vector>

#include "util/error.h"

namespace weft {

// A CIDR block. Value type.
class IpNetwork {
 public:
  // "10.0.0.0/8", "fd00::/8", or an address alone. Bits beyond the prefix do not count. Errc::invalid.
  static Result<IpNetwork> parse(std::string_view text);

  // Of the same family only: see BlockedNetworks for the spellings of an address.
  bool contains(const boost::asio::ip::address& address) const;

 private:
  boost::asio::ip::address network_;
  unsigned prefix_bits_ = 0;
};

// True for an address that the Internet routes: neither private, shared, loopback, link-local, multicast, reserved nor
// for documentation (IANA's registries of special-purpose addresses). Of one that stands for an IPv4 address, that one
// decides.
bool is_global(const boost::asio::ip::address& address);

// Immutable once it is filled; const functions from any thread.
class BlockedNetworks {
 public:
  void add(const IpNetwork& network) { networks_.push_back(network); }
  // Everything that is not global.
  void add_private() { private_ = true; }

  bool empty() const { return networks_.empty() && !private_; }
  // An IPv6 address that stands for an IPv4 one (mapped, compatible, of NAT64's well-known prefix, 6to4) is blocked
  // under either.
  bool contains(const boost::asio::ip::address& address) const;

 private:
  std::vector<IpNetwork> networks_;
  bool private_ = false;
};

}  // namespace weft
