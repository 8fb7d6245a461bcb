#include "http/request_parser.h"

#include <charconv>

namespace weft::http {
namespace {

// Bytes of fields that a handler adds, so that it need not move those that came.
constexpr std::size_t room_for_more = 384;

constexpr Refusal bad(const char* why) {
  return {400, why};
}

bool is_target_character(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u > 0x20 && u != 0x7f;
}

// host [":" port]: what may stand in Host or an absolute target. Kept strict enough that nothing in it can be taken
// for another part of a URL.
bool is_authority(std::string_view text) {
  if (text.empty() || text.size() > 512) return false;
  std::string_view host = text;
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    for (char c : text.substr(1, close - 1)) {
      if (!(std::isxdigit(static_cast<unsigned char>(c)) || c == ':' || c == '.')) return false;
    }
    host = text.substr(close + 1);
    if (host.empty()) return true;
    if (host.front() != ':') return false;
    host.remove_prefix(1);
  } else {
    const std::size_t colon = text.find(':');
    for (char c : text.substr(0, colon)) {
      const bool ok =
          std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' || c == '~' || c == '%';
      if (!ok) return false;
    }
    if (colon == 0) return false;
    if (colon == std::string_view::npos) return true;
    host = text.substr(colon + 1);
  }
  if (host.size() > 5) return false;
  for (char c : host) {
    if (!std::isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// Sets path, and authority for an absolute target.
std::optional<Refusal> parse_target(std::string_view target, RequestHead& head) {
  for (char c : target) {
    if (!is_target_character(c)) return bad("invalid character in the request target");
  }
  if (target.front() == '/') {
    head.path_with_query = target.substr(0, target.find('#'));
    return std::nullopt;
  }
  if (target == "*" && head.method == "OPTIONS") {
    head.path_with_query = "*";
    return std::nullopt;
  }
  for (std::string_view scheme : {"http://", "https://"}) {
    if (target.size() <= scheme.size() || !equal_names(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t slash = target.find_first_of("/?#");
    const std::string_view authority = target.substr(0, slash);
    if (!is_authority(authority)) return bad("invalid authority in the request target");
    head.authority = authority;
    std::string_view path = slash == std::string_view::npos ? "/" : target.substr(slash);
    path = path.substr(0, path.find('#'));
    head.path_with_query = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
    return std::nullopt;
  }
  return bad("the request target is neither a path nor an http URL");
}

// Reads the fields that frame the message.
std::optional<Refusal> frame(ParsedRequest& request, const Limits& limits) {
  RequestHead& head = request.head;
  bool has_length = false;
  bool has_coding = false;
  std::size_t hosts = 0;
  request.keep_alive = head.version_minor >= 1;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto [name, value] = head.fields[i];
    switch (name.size()) {
      case 4:
        if (equal_names(name, "host")) {
          if (++hosts > 1) return bad("more than one Host");
          if (!value.empty() && !is_authority(value)) return bad("invalid Host");
          // Of an absolute target the authority counts, and Host must agree (RFC 9112, 3.2.2 lets a server ignore it).
          if (head.authority.empty())
            head.authority = value;
          else if (!value.empty() && !equal_names(head.authority, value))
            return bad("Host differs from the target");
        }
        break;
      case 6:
        if (equal_names(name, "expect") && equal_names(value, "100-continue")) request.expects_continue = true;
        break;
      case 10:
        if (equal_names(name, "connection")) {
          if (lists_token(value, "close"))
            request.keep_alive = false;
          else if (head.version_minor == 0 && lists_token(value, "keep-alive"))
            request.keep_alive = true;
        }
        break;
      case 14:
        if (equal_names(name, "content-length")) {
          if (has_length) return bad("more than one Content-Length");
          has_length = true;
          const char* end = value.data() + value.size();
          const auto [at, error] = std::from_chars(value.data(), end, request.length);
          if (error != std::errc() || at != end || value.empty()) return bad("invalid Content-Length");
        }
        break;
      case 17:
        if (equal_names(name, "transfer-encoding")) {
          if (has_coding) return bad("more than one Transfer-Encoding");
          has_coding = true;
          if (!equal_names(value, "chunked")) return Refusal{501, "unknown transfer coding"};
        }
        break;
      default:
        break;
    }
  }
  if (hosts == 0 && head.version_minor >= 1) return bad("no Host");
  if (has_coding && has_length) return bad("both Content-Length and Transfer-Encoding");
  if (has_coding && head.version_minor == 0) return bad("a transfer coding in HTTP/1.0");
  if (has_coding)
    request.body = BodyKind::chunked;
  else if (has_length && request.length > 0)
    request.body = BodyKind::length;
  if (request.body == BodyKind::length && request.length > limits.body_bytes) return Refusal{413, "body too large"};
  return std::nullopt;
}

}  // namespace

std::expected<std::optional<std::size_t>, Refusal> find_head_end(std::string_view bytes, const Limits& limits) {
  const std::size_t end = bytes.substr(0, limits.head_bytes).find("\r\n\r\n");
  if (end != std::string_view::npos) return end + 4;
  const std::size_t line = bytes.find('\n');
  if (line == std::string_view::npos && bytes.size() > limits.target_bytes + 32) {
    return std::unexpected(Refusal{414, "request target too long"});
  }
  if (bytes.size() >= limits.head_bytes) return std::unexpected(Refusal{431, "request head too large"});
  return std::nullopt;
}

std::expected<ParsedRequest, Refusal> parse_request(std::string_view bytes, std::string_view scheme,
                                                    const Limits& limits) {
  ParsedRequest request;
  RequestHead& head = request.head;
  std::size_t end = bytes.find("\r\n");
  const std::string_view line = bytes.substr(0, end);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return std::unexpected(bad("malformed request line"));
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > 32) return std::unexpected(bad("invalid method"));
  if (version.size() != 8 || !version.starts_with("HTTP/")) return std::unexpected(bad("malformed version"));
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::unexpected(Refusal{505, "version not supported"});
  if (target.empty()) return std::unexpected(bad("empty request target"));
  if (target.size() > limits.target_bytes) return std::unexpected(Refusal{414, "request target too long"});
  head.version_minor = version == "HTTP/1.1" ? 1 : 0;
  head.method = method;
  head.scheme = scheme;
  if (auto refusal = parse_target(target, head)) return std::unexpected(*refusal);

  head.fields.reserve(24, bytes.size() + room_for_more);
  std::string_view rest = bytes.substr(end + 2);
  while (!rest.starts_with("\r\n")) {
    end = rest.find("\r\n");
    const std::string_view field = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos) return std::unexpected(bad("a field without a colon"));
    const std::string_view name = field.substr(0, colon);
    if (!is_token(name)) return std::unexpected(bad("invalid field name"));
    const std::string_view value = trim_value(field.substr(colon + 1));
    if (!is_field_value(value)) return std::unexpected(bad("invalid field value"));
    if (head.fields.size() >= limits.fields) return std::unexpected(Refusal{431, "too many fields"});
    head.fields.append(name, value);
  }
  if (auto refusal = frame(request, limits)) return std::unexpected(*refusal);
  return request;
}

}  // namespace weft::http
