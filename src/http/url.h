// Authorities, paths and origins of URLs, as a client dials them (RFC 3986, RFC 9110 4.2).
//
// Strict where readers differ: what a name-based rule sees is exactly what is dialled. No user information, no
// percent-encoding in hosts, no numeric forms of IPv4 other than four decimal parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::http {

// Bytes of a host: a DNS name in text has at most 253, and IPv6 literals are shorter.
inline constexpr std::size_t max_host_bytes = 253;

// host [":" port]
struct Authority {
  std::string host;  // lower case; an IPv6 literal without its brackets
  std::optional<std::uint16_t> port;
  bool is_ipv6 = false;

  // Nothing for what is not a valid authority. Port 0 is none: nobody listens there.
  static std::optional<Authority> parse(std::string_view text);
};

// What a connection is made to.
struct Origin {
  bool tls = false;
  std::string host;  // as in Authority
  std::uint16_t port = 80;

  std::string_view scheme() const { return tls ? "https" : "http"; }
  // As the Host field has it: IPv6 in brackets, the scheme's own port left out.
  std::string authority() const;
  bool operator==(const Origin&) const = default;
};

// True for what may stand in a request line after the authority: "/path?query", "?query" or nothing. Bytes above
// 0x7f are let through, as browsers and other hosts do; spaces, controls and fragments are not.
bool is_path_with_query(std::string_view text);

// True for a syntactically valid scheme: a letter, then letters, digits, "+", "-" or ".".
bool is_scheme(std::string_view text);

}  // namespace weft::http
