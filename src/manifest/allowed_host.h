// The outbound allow-list: the grammar of `allowed_outbound_hosts` and whether a destination is granted by it.
//
// An entry is `scheme://host[:port]`; scheme a name or `*`; host `*`, `*.domain`, a name, an IP, a CIDR block, `self`
// or `self.alt`; port a number, `*` or a half-open range `a..b`. A port may be left out for schemes with a default
// port.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "manifest/template.h"
#include "util/error.h"

namespace weft::manifest {

// An IPv4 or IPv6 address in network order. An IPv4-mapped IPv6 address is the IPv4 address it maps.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::uint8_t size = 4;  // 4 or 16

  // Accepts `1.2.3.4`, `::1` and `[::1]`; nullopt for anything else.
  static std::optional<IpAddress> parse(std::string_view text);
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// The port of a scheme when a URL has none: http 80, https 443, postgres 5432, mysql 3306, redis 6379, mqtt 1883.
std::optional<std::uint16_t> default_port(std::string_view scheme);

// One entry. Value type; matching is const, allocates nothing and may be done from any thread.
class AllowedHost {
 public:
  // Fails with Errc::invalid and a message that names the faulty part.
  static Result<AllowedHost> parse(std::string_view text);

  // True when this entry grants a connection to `host` (a name or an IP, brackets allowed) at `port` by `scheme`.
  // Raw sockets use the schemes tcp and udp. `self` entries never match here.
  bool matches(std::string_view scheme, std::string_view host, std::uint16_t port) const;
  // True when this entry grants something by `scheme`.
  bool has_scheme(std::string_view scheme) const;
  // True when this entry is about `host`, whatever the scheme and port.
  bool names(std::string_view host) const;
  // True when this entry grants requests to the application itself (a relative URL).
  bool allows_self() const;
  // The component this entry grants by service chaining: `name` of http://name.spin.internal, "*" for all, else empty.
  std::string_view chained_component() const;
  const std::string& text() const { return text_; }

 private:
  struct Any {};
  struct Subdomains {
    std::string suffix;  // ".example.com"
  };
  struct Name {
    std::string name;  // lower case
  };
  struct Block {
    IpAddress network;
    std::uint8_t prefix_bits;
  };
  struct Self {
    bool alternative;  // self.alt
  };
  using Host = std::variant<Any, Subdomains, Name, Block, Self>;
  struct Ports {
    std::uint32_t first = 0;
    std::uint32_t end = 65536;  // one past the last
  };

  static Result<Host> parse_host(std::string_view text);
  static Result<Ports> parse_ports(std::string_view text);

  std::string text_;
  std::string scheme_;  // lower case; "*" for any
  Host host_;
  Ports ports_;
};

// The list of one component with its templates expanded. Value type; const functions from any thread.
class AllowedHosts {
 public:
  // An entry that expands to nothing, or to `http://` or `https://` alone, is left out.
  static Result<AllowedHosts> expand(std::span<const Template> entries, const Lookup& lookup);

  bool allows(std::string_view scheme, std::string_view host, std::uint16_t port) const;
  bool allows_self() const;
  // True when a raw socket of `scheme` may reach anything at all.
  bool allows_any(std::string_view scheme) const;
  // True when a raw socket may reach `name` at some port.
  bool allows_look_up(std::string_view name) const;
  std::span<const AllowedHost> entries() const { return entries_; }

 private:
  std::vector<AllowedHost> entries_;
};

// The entry that would grant a destination: "https://api.example.com", "tcp://10.0.0.1:5000".
std::string entry_for(std::string_view scheme, std::string_view host, std::uint16_t port);
// The manifest lines to add for a denied destination, ready to paste:
//   [component.hello]
//   allowed_outbound_hosts = ["https://api.example.com"]
// `existing` are the entries the component has already; they are kept in the line.
std::string manifest_lines_for(std::string_view component, std::span<const Template> existing, std::string_view entry);

}  // namespace weft::manifest
