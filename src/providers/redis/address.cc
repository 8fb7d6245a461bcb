#include "providers/redis/address.h"

#include <charconv>
#include <optional>

namespace weft::provider::redis {
namespace {

constexpr std::size_t max_url_bytes = 4096;

std::unexpected<Error> refuse(std::string_view why) {
  return fail(Errc::invalid,
              "the Redis URL " + std::string(why) + ": expected redis://[user[:password]@]host[:port][/database]");
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned byte = 0;
    const char* begin = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(begin, begin + 2, byte, 16).ptr != begin + 2) return std::nullopt;
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  return out;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What is before the first `mark`, which goes; all of it without one.
std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view before = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return before;
}

Result<void> read_login(std::string_view login, Address& address) {
  const auto user = decode(take_until(login, ':'));
  const auto password = decode(login);
  if (!user || !password) return refuse("has a percent sign that encodes nothing");
  address.user = *user;
  address.password = Secret(*password);
  return {};
}

Result<void> read_query(std::string_view query, Address& address) {
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const std::string_view name = take_until(value, '=');
    const auto decoded = decode(value);
    if (!decoded) return refuse("has a percent sign that encodes nothing");
    if (name == "db") {
      const auto database = number<std::uint32_t>(value);
      if (!database) return refuse("has a database that is no number");
      address.database = *database;
    } else if (name == "user") {
      address.user = *decoded;
    } else if (name == "pass") {
      address.password = Secret(*decoded);
    } else if (name != "protocol") {
      return refuse("has a parameter other than db, user and pass");
    }
  }
  return {};
}

Result<void> read_host(std::string_view text, Address& address) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return refuse("has an address without its bracket");
    address.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (!text.empty() && !text.starts_with(':')) return refuse("has something between host and port");
    port = text.empty() ? text : text.substr(1);
  } else {
    address.host = take_until(text, ':');
    port = text;
  }
  if (address.host.empty()) return refuse("has no host");
  if (port.empty()) return {};
  const auto parsed = number<std::uint16_t>(port);
  if (!parsed || *parsed == 0) return refuse("has a port that is no number from 1 to 65535");
  address.port = *parsed;
  return {};
}

}  // namespace

Result<Address> Address::parse(std::string_view url) {
  if (url.size() > max_url_bytes) return refuse("is too long");
  Address address;
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return refuse("has no scheme");
  const std::string_view scheme = url.substr(0, colon);
  const bool unix_socket = scheme == "unix" || scheme == "redis+unix" || scheme == "valkey+unix";
  address.tls = scheme == "rediss" || scheme == "valkeys";
  if (!unix_socket && !address.tls && scheme != "redis" && scheme != "valkey")
    return refuse("has another scheme than redis, rediss and unix");
  std::string_view query = url.substr(colon + 3);
  std::string_view rest = take_until(query, '?');
  std::string_view fragment = rest;
  rest = take_until(fragment, '#');
  if (fragment.empty()) {
    fragment = query;
    query = take_until(fragment, '#');
  }
  if (fragment == "insecure")
    address.check_certificate = false;
  else if (!fragment.empty())
    return refuse("has another fragment than insecure");
  if (unix_socket) {
    const auto path = decode(rest);
    if (!path || !path->starts_with('/')) return refuse("has no absolute path to a socket");
    address.socket = *path;
  } else {
    std::string_view database = rest;
    rest = take_until(database, '/');
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
      CHECK_OK(read_login(rest.substr(0, at), address));
      rest.remove_prefix(at + 1);
    }
    CHECK_OK(read_host(rest, address));
    if (!database.empty()) {
      const auto parsed = number<std::uint32_t>(database);
      if (!parsed) return refuse("has a database that is no number");
      address.database = *parsed;
    }
  }
  CHECK_OK(read_query(query, address));
  return address;
}

std::string Address::text() const {
  if (!socket.empty()) return socket;
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace weft::provider::redis
