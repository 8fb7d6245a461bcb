#include "manifest/allowed_host.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "manifest/identifier.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

constexpr std::string_view chaining_suffix = ".spin.internal";
constexpr std::size_t max_host_bytes = 253;  // of a DNS name

struct SchemePort {
  std::string_view scheme;
  std::uint16_t port;
};
constexpr SchemePort default_ports[] = {{"http", 80},    {"https", 443},  {"postgres", 5432},
                                        {"mysql", 3306}, {"redis", 6379}, {"mqtt", 1883}};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

template <class Integer>
std::optional<Integer> parse_number(std::string_view text) {
  Integer number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void truncate_to(IpAddress& address, std::uint8_t prefix_bits) {
  for (std::size_t i = 0; i < address.size; ++i) {
    const int bits = std::clamp(static_cast<int>(prefix_bits) - static_cast<int>(i) * 8, 0, 8);
    address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xff << (8 - bits)));
  }
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > max_host_bytes || text.front() == '.' || text.back() == '.' ||
      text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::ranges::all_of(text, [](char c) {
    const char l = lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  for (const SchemePort& entry : default_ports) {
    if (equal_ignoring_case(entry.scheme, scheme)) return entry.port;
  }
  return std::nullopt;
}

Result<AllowedHost::Host> AllowedHost::parse_host(std::string_view text) {
  if (text.empty()) return fail(Errc::invalid, "the host is missing after `://`");
  if (text == "*") return Any{};
  if (text == "self") return Self{.alternative = false};
  if (text == "self.alt") return Self{.alternative = true};
  if (text.find_first_of("{}") != std::string_view::npos) {
    return fail(Errc::invalid, "lists in braces are not supported: write one entry for each host");
  }
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    auto network = IpAddress::parse(text.substr(0, slash));
    if (!network) return fail(Errc::invalid, "a path is not allowed: hosts are granted as a whole");
    auto bits = parse_number<std::uint8_t>(text.substr(slash + 1));
    if (!bits || *bits > network->size * 8) {
      return fail(Errc::invalid, compose("`{}` is not a prefix length", text.substr(slash + 1)));
    }
    truncate_to(*network, *bits);
    return Block{*network, *bits};
  }
  if (auto address = IpAddress::parse(text)) return Block{*address, static_cast<std::uint8_t>(address->size * 8)};
  if (text.starts_with("*.") && is_host_name(text.substr(2))) return Subdomains{to_lower(text.substr(1))};
  if (text.find('*') != std::string_view::npos) {
    return fail(Errc::invalid, "`*` may stand alone or as the first label: `*.example.com`");
  }
  if (!is_host_name(text)) return fail(Errc::invalid, compose("`{}` is not a host name or an IP address", text));
  return Name{to_lower(text)};
}

Result<AllowedHost::Ports> AllowedHost::parse_ports(std::string_view text) {
  if (text == "*") return Ports{};
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    const auto first = parse_number<std::uint16_t>(text.substr(0, dots));
    const auto end = parse_number<std::uint32_t>(text.substr(dots + 2));
    if (!first || !end || *end > 65536) return fail(Errc::invalid, compose("`{}` is not a port range", text));
    if (*first >= *end) {
      return fail(Errc::invalid, compose("the port range `{}` is empty: its end is not included", text));
    }
    return Ports{*first, *end};
  }
  const auto port = parse_number<std::uint16_t>(text);
  if (!port) return fail(Errc::invalid, compose("`{}` is not a port: a number up to 65535, `*` or `a..b`", text));
  return Ports{*port, *port + 1u};
}

Result<AllowedHost> AllowedHost::parse(std::string_view text) {
  AllowedHost result;
  result.text_ = text;
  if (text == "insecure:allow-all") {
    return fail(Errc::invalid, "`insecure:allow-all` is no longer supported: use \"*://*:*\"");
  }
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos) {
    return fail(Errc::invalid, "the scheme is missing: write `scheme://host[:port]`, such as https://example.com");
  }
  const std::string_view scheme = text.substr(0, separator);
  const bool alphabetic =
      !scheme.empty() && std::ranges::all_of(scheme, [](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; });
  if (scheme != "*" && !alphabetic) {
    return fail(Errc::invalid, compose("`{}` is not a scheme: letters only, or `*`", scheme));
  }
  result.scheme_ = to_lower(scheme);

  std::string_view rest = text.substr(separator + 3);
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return fail(Errc::invalid, "a query is not allowed: hosts are granted as a whole");
  }
  if (rest.find('@') != std::string_view::npos) {
    return fail(Errc::invalid, "a user name or password does not belong in an allowed host");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  // The whole rest may be a host: an IPv6 address or block has colons of its own.
  std::string_view port;
  bool has_port = false;
  auto host = parse_host(rest);
  if (!host && rest.find(':') != std::string_view::npos) {
    const std::size_t colon = rest.rfind(':');
    port = rest.substr(colon + 1);
    has_port = true;
    if (port.find('/') != std::string_view::npos) {
      return fail(Errc::invalid, "a path is not allowed: hosts are granted as a whole");
    }
    host = parse_host(rest.substr(0, colon));
  }
  if (!host) return std::unexpected(std::move(host).error());
  result.host_ = *std::move(host);

  if (has_port) {
    TRY(result.ports_, parse_ports(port));
  } else if (const auto known = default_port(result.scheme_)) {
    result.ports_ = Ports{*known, *known + 1u};
  } else {
    return fail(Errc::invalid, compose("the scheme `{}` has no default port: add `:port` or `:*`", scheme));
  }
  return result;
}

bool AllowedHost::matches(std::string_view scheme, std::string_view host, std::uint16_t port) const {
  return port >= ports_.first && port < ports_.end && has_scheme(scheme) && names(host);
}

bool AllowedHost::has_scheme(std::string_view scheme) const {
  return scheme_ == "*" || equal_ignoring_case(scheme_, scheme);
}

bool AllowedHost::names(std::string_view host) const {
  if (std::holds_alternative<Any>(host_)) return true;
  if (std::holds_alternative<Self>(host_)) return false;
  const auto address = IpAddress::parse(host);
  if (const auto* block = std::get_if<Block>(&host_)) {
    if (!address || address->size != block->network.size) return false;
    IpAddress network = *address;
    truncate_to(network, block->prefix_bits);
    return network == block->network;
  }
  if (address) return false;
  if (host.ends_with('.')) host.remove_suffix(1);  // a fully qualified name
  if (const auto* name = std::get_if<Name>(&host_)) return equal_ignoring_case(name->name, host);
  const std::string& suffix = std::get<Subdomains>(host_).suffix;
  return host.size() > suffix.size() && equal_ignoring_case(suffix, host.substr(host.size() - suffix.size()));
}

bool AllowedHost::allows_self() const {
  if (scheme_ != "*" && scheme_ != "http" && scheme_ != "https") return false;
  return std::holds_alternative<Self>(host_) || std::holds_alternative<Any>(host_);
}

std::string_view AllowedHost::chained_component() const {
  if (const auto* name = std::get_if<Name>(&host_); name != nullptr && name->name.ends_with(chaining_suffix)) {
    return std::string_view(name->name).substr(0, name->name.size() - chaining_suffix.size());
  }
  const auto* subdomains = std::get_if<Subdomains>(&host_);
  return subdomains != nullptr && subdomains->suffix == chaining_suffix ? "*" : "";
}

Result<AllowedHosts> AllowedHosts::expand(std::span<const Template> entries, const Lookup& lookup) {
  AllowedHosts result;
  for (const Template& entry : entries) {
    TRY(const std::string text, entry.expand(lookup));
    if (!entry.is_literal() && (text.empty() || text == "http://" || text == "https://")) continue;
    auto host = AllowedHost::parse(text);
    if (!host) return std::unexpected(std::move(host).error().context(compose("allowed host {}", entry.text())));
    result.entries_.push_back(*std::move(host));
  }
  return result;
}

bool AllowedHosts::allows(std::string_view scheme, std::string_view host, std::uint16_t port) const {
  return std::ranges::any_of(entries_, [&](const AllowedHost& e) { return e.matches(scheme, host, port); });
}

bool AllowedHosts::allows_self() const {
  return std::ranges::any_of(entries_, &AllowedHost::allows_self);
}

bool AllowedHosts::allows_any(std::string_view scheme) const {
  return std::ranges::any_of(entries_, [&](const AllowedHost& e) { return e.has_scheme(scheme); });
}

bool AllowedHosts::allows_look_up(std::string_view name) const {
  return std::ranges::any_of(
      entries_, [&](const AllowedHost& e) { return (e.has_scheme("tcp") || e.has_scheme("udp")) && e.names(name); });
}

std::string entry_for(std::string_view scheme, std::string_view host, std::uint16_t port) {
  const bool bare_v6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
  std::string entry = compose("{}://{}{}{}", scheme, bare_v6 ? "[" : "", host, bare_v6 ? "]" : "");
  if (default_port(scheme) != port) entry += compose(":{}", port);
  return entry;
}

std::string manifest_lines_for(std::string_view component, std::span<const Template> existing, std::string_view entry) {
  std::string lines = compose("[component.{}]\nallowed_outbound_hosts = [", component);
  for (const Template& present : existing) lines += toml_string(present.text()) + ", ";
  return lines + toml_string(entry) + "]";
}

}  // namespace weft::manifest
