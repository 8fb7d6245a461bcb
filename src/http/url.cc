#include "http/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace weft::http {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_address(int family, std::string_view text) {
  char out[sizeof(in6_addr)];
  return inet_pton(family, std::string(text).c_str(), out) == 1;
}

// Resolvers read a name whose last label is a number ("127.1", "0x7f000001", "2130706433") as an IPv4 address.
bool ends_in_number(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string_view label = host.substr(host.rfind('.') + 1);
  if (label.starts_with("0x")) return true;
  return !label.empty() && std::ranges::all_of(label, is_digit);
}

bool is_name(std::string_view host) {
  if (host.empty() || host.size() > max_host_bytes || host.front() == '.' ||
      host.find("..") != std::string_view::npos) {
    return false;
  }
  return std::ranges::all_of(host,
                             [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

}  // namespace

std::optional<Authority> Authority::parse(std::string_view text) {
  if (text.size() > max_host_bytes + 8) return std::nullopt;
  Authority made;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_address(AF_INET6, text.substr(1, close - 1))) return std::nullopt;
    made.host = lower(text.substr(1, close - 1));
    made.is_ipv6 = true;
    const std::string_view rest = text.substr(close + 1);
    has_port = !rest.empty();
    if (has_port && rest.front() != ':') return std::nullopt;
    port = rest.substr(has_port ? 1 : 0);
  } else {
    const std::size_t colon = text.find(':');
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
    made.host = lower(text.substr(0, colon));
    if (!is_name(made.host)) return std::nullopt;
    if (ends_in_number(made.host) && !is_address(AF_INET, made.host)) return std::nullopt;
  }
  if (has_port) {
    std::uint16_t number = 0;
    const char* end = port.data() + port.size();
    const auto [at, error] = std::from_chars(port.data(), end, number);
    if (error != std::errc() || at != end || number == 0) return std::nullopt;
    made.port = number;
  }
  return made;
}

std::string Origin::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

bool is_path_with_query(std::string_view text) {
  if (!text.empty() && text.front() != '/' && text.front() != '?') return false;
  return std::ranges::all_of(text, [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u > 0x20 && u != 0x7f && c != '#';
  });
}

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return false;
  return std::ranges::all_of(text,
                             [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

}  // namespace weft::http
