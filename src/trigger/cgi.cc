#include "trigger/cgi.h"

#include <algorithm>
#include <charconv>

#include "http/response_writer.h"
#include "util/utf8.h"

namespace weft::trigger {
namespace {

constexpr unsigned not_a_status = 502, found = 302;

void set(Environment& environment, std::string_view name, std::string_view value) {
  const auto at = std::ranges::find(environment, name, &Environment::value_type::first);
  if (at == environment.end())
    environment.emplace_back(name, value);
  else
    at->second = value;
}

// "HTTP_ACCEPT_LANGUAGE" of "accept-language", after `prefix`.
std::string variable_name(std::string_view prefix, std::string_view field) {
  std::string name(prefix);
  for (const char c : field) name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return name;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What is escaped is decoded if it becomes text; a variable has no NUL.
std::string decoded(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const int high = path[i] == '%' && i + 2 < path.size() ? hex_value(path[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(path[i + 2]);
    if (low < 0) {
      out += path[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return is_utf8(out) && out.find('\0') == std::string::npos ? out : std::string(path);
}

std::string_view path_of(const http::RequestHead& head) {
  return std::string_view(head.path_with_query).substr(0, head.path_with_query.find('?'));
}
std::string_view query_of(const http::RequestHead& head) {
  const std::size_t at = head.path_with_query.find('?');
  return at == std::string::npos ? std::string_view() : std::string_view(head.path_with_query).substr(at + 1);
}

// "::1" of "[::1]:80", and the port.
std::pair<std::string_view, std::string_view> host_and_port(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = authority.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, colon == std::string_view::npos ? std::string_view() : authority.substr(colon + 1)};
}

std::string protocol_of(const http::RequestHead& head) {
  if (head.version_major >= 2) return "HTTP/2.0";
  return "HTTP/1." + std::to_string(head.version_minor);
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

unsigned status_of(std::string_view text) {
  unsigned status = 0;
  const std::string_view digits = text.substr(0, text.find(' '));
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), status);
  return error == std::errc() && end == digits.end() && status >= 200 && status <= 999 ? status : not_a_status;
}

// Where the fields end and where the body begins. Lines end with LF or CR LF.
std::pair<std::size_t, std::size_t> end_of_fields(std::string_view output) {
  std::size_t line = 0;
  while (line < output.size()) {
    const std::size_t newline = output.find('\n', line);
    if (newline == std::string_view::npos) break;
    const std::string_view text = output.substr(line, newline - line);
    if (text.empty() || text == "\r") return {line, newline + 1};
    line = newline + 1;
  }
  return {0, 0};
}

}  // namespace

std::vector<std::string> cgi_arguments(std::string_view argv, const http::RequestHead& head) {
  std::string query(query_of(head));
  std::ranges::replace(query, '&', ' ');
  std::string text(argv);
  replace_all(text, "${SCRIPT_NAME}", path_of(head));
  replace_all(text, "${ARGS}", query);
  std::vector<std::string> arguments;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(' ', begin);
    arguments.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return arguments;
    begin = end + 1;
  }
}

void set_cgi_variables(Environment& environment, const http::RequestHead& head, std::uint64_t content_length) {
  const http::Fields& fields = head.fields;
  const auto field = [&](std::string_view name) { return fields.get(name).value_or(std::string_view()); };
  // Those of the request first: no field may stand for one of the server's own.
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (http::equal_names(name, "authorization") || http::equal_names(name, "connection")) continue;
    if (http::equal_names(name.substr(0, 5), "spin-")) continue;
    // "Proxy" would be taken for a proxy of the program's own.
    if (http::equal_names(name, "proxy")) continue;
    set(environment, variable_name("HTTP_", name), value);
  }
  if (!head.authority.empty()) set(environment, "HTTP_HOST", head.authority);
  const auto [host, port] = host_and_port(head.authority);
  const std::string_view client = host_and_port(head.client_address).first;
  const std::string_view path_info = field("spin-path-info");
  set(environment, "AUTH_TYPE", "");
  set(environment, "CONTENT_LENGTH", std::to_string(content_length));
  set(environment, "CONTENT_TYPE", field("content-type"));
  set(environment, "GATEWAY_INTERFACE", "CGI/1.1");
  set(environment, "QUERY_STRING", query_of(head));
  set(environment, "REMOTE_ADDR", client);
  set(environment, "REMOTE_HOST", client);
  set(environment, "REMOTE_USER", "");
  set(environment, "REQUEST_METHOD", head.method);
  set(environment, "SCRIPT_NAME", field("spin-component-route"));
  set(environment, "PATH_INFO", path_info);
  set(environment, "X_RAW_PATH_INFO", path_info);
  set(environment, "PATH_TRANSLATED", decoded(path_info));
  set(environment, "SERVER_NAME", host.empty() ? std::string_view("localhost") : host);
  set(environment, "SERVER_PORT", port.empty() ? std::string_view("80") : port);
  set(environment, "SERVER_PROTOCOL", protocol_of(head));
  set(environment, "SERVER_SOFTWARE", "WAGI/1");
  set(environment, "X_FULL_URL", field("spin-full-url"));
  set(environment, "X_MATCHED_ROUTE", field("spin-matched-route"));
  set(environment, "X_BASE_PATH", field("spin-base-path"));
  set(environment, "X_RAW_COMPONENT_ROUTE", field("spin-raw-component-route"));
  set(environment, "X_COMPONENT_ROUTE", field("spin-component-route"));
  set(environment, "X_CLIENT_ADDR", field("spin-client-addr"));
  constexpr std::string_view match = "spin-path-match-";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (http::equal_names(name.substr(0, match.size()), match))
      set(environment, variable_name("X_PATH_MATCH_", name.substr(match.size())), value);
  }
}

std::expected<CgiResponse, std::string> read_cgi_response(std::string output) {
  if (output.empty()) return std::unexpected("the program wrote nothing to its standard output");
  const auto [fields_end, body] = end_of_fields(output);
  CgiResponse response;
  http::ResponseHead& head = response.head;
  bool sufficient = false;
  bool has_status = false;
  std::string_view rest = std::string_view(output).substr(0, fields_end);
  while (!rest.empty()) {
    const std::size_t newline = rest.find('\n');
    const std::string_view line = rest.substr(0, newline);
    rest = rest.substr(newline + 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = http::trim_value(line.substr(0, colon));
    std::string_view value = line.substr(colon + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    value = http::trim_value(value);
    if (http::equal_names(name, "status")) {
      sufficient = has_status = true;
      head.status = status_of(value);
      continue;
    }
    if (!http::is_token(name) || http::is_connections_own(name)) continue;
    if (!http::is_field_value(value))
      return std::unexpected("the program wrote a value of " + std::string(name) + " that no field can have");
    const bool location = http::equal_names(name, "location");
    if (location && !has_status) head.status = found;
    sufficient = sufficient || location || http::equal_names(name, "content-type");
    head.fields.append(name, value);
  }
  if (!sufficient) {
    return std::unexpected(
        "the program wrote no response: it begins with fields, content-type, status or location among them, and an "
        "empty line");
  }
  response.body = std::move(output).substr(body);
  return response;
}

}  // namespace weft::trigger
