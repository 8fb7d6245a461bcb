#include "util/blocked_networks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace weft {
namespace {

namespace ip = boost::asio::ip;
using Bytes = std::span<const unsigned char>;

bool same_prefix(Bytes a, Bytes b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xffu << (8 - rest);
  return (a[whole] & mask) == (b[whole] & mask);
}

struct Block4 {
  std::array<unsigned char, 4> network;
  unsigned bits;
};
constexpr Block4 special4[] = {
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // private
    {{100, 64, 0, 0}, 10},    // shared, of carriers
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local, and the metadata services of clouds
    {{172, 16, 0, 0}, 12},    // private
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 168, 0, 0}, 16},   // private
    {{198, 18, 0, 0}, 15},    // benchmarks
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, and broadcast
};

struct Block6 {
  std::array<unsigned char, 16> network;
  unsigned bits;
};
// All that is global is in 2000::/3, but for these.
constexpr Block6 global6{{0x20}, 3};
constexpr Block6 special6[] = {
    {{0x20, 0x01}, 23},              // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff}, 20},              // documentation
};
constexpr Block6 mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Block6 compatible{{}, 96};
constexpr Block6 nat64{{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Block6 six_to_four{{0x20, 0x02}, 16};

template <class Block>
bool is_in(const Block& block, Bytes address) {
  return same_prefix(block.network, address, block.bits);
}

// The IPv4 address that is reached by an IPv6 one.
std::optional<ip::address_v4> embedded(const ip::address_v6& address) {
  const auto bytes = address.to_bytes();
  const auto at = [&](std::size_t i) { return ip::address_v4({bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]}); };
  if (is_in(mapped, bytes) || is_in(nat64, bytes)) return at(12);
  if (is_in(compatible, bytes) && !address.is_loopback() && !address.is_unspecified()) return at(12);
  if (is_in(six_to_four, bytes)) return at(2);
  return std::nullopt;
}

}  // namespace

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto refuse = [&] {
    return fail(Errc::invalid, "`" + std::string(text) + "` is not a network: write \"10.0.0.0/8\" or \"fd00::/8\"");
  };
  const std::size_t slash = text.find('/');
  boost::system::error_code error;
  IpNetwork made;
  made.network_ = ip::make_address(std::string(text.substr(0, slash)), error);
  // A scope is not a part of a network.
  if (error || text.find('%') != std::string_view::npos) return refuse();
  const unsigned most = made.network_.is_v4() ? 32 : 128;
  made.prefix_bits_ = most;
  if (slash == std::string_view::npos) return made;
  const char* const end = text.data() + text.size();
  const auto [at, fault] = std::from_chars(text.data() + slash + 1, end, made.prefix_bits_);
  if (fault != std::errc() || at != end || made.prefix_bits_ > most) return refuse();
  return made;
}

bool IpNetwork::contains(const ip::address& address) const {
  if (address.is_v4() != network_.is_v4()) return false;
  if (address.is_v4()) return same_prefix(address.to_v4().to_bytes(), network_.to_v4().to_bytes(), prefix_bits_);
  return same_prefix(address.to_v6().to_bytes(), network_.to_v6().to_bytes(), prefix_bits_);
}

bool is_global(const ip::address& address) {
  if (address.is_v6()) {
    if (const auto v4 = embedded(address.to_v6())) return is_global(*v4);
    const auto bytes = address.to_v6().to_bytes();
    return is_in(global6, bytes) && std::ranges::none_of(special6, [&](const Block6& b) { return is_in(b, bytes); });
  }
  const auto bytes = address.to_v4().to_bytes();
  return std::ranges::none_of(special4, [&](const Block4& b) { return is_in(b, bytes); });
}

bool BlockedNetworks::contains(const ip::address& address) const {
  if (private_ && !is_global(address)) return true;
  const auto is_one = [](const ip::address& of) { return [&of](const IpNetwork& n) { return n.contains(of); }; };
  if (std::ranges::any_of(networks_, is_one(address))) return true;
  if (!address.is_v6()) return false;
  const auto v4 = embedded(address.to_v6());
  return v4 && std::ranges::any_of(networks_, is_one(*v4));
}

}  // namespace weft
