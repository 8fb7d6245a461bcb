#include "http/request_parser.h"

#include <algorithm>
#include <charconv>

namespace weft::http {
namespace {

// A request line beside its target: method, two spaces, version, end of line.
constexpr std::size_t max_line_overhead = max_method_bytes + 12;
// A host name has at most 253 characters (RFC 1035), a port adds six.
constexpr std::size_t max_authority_bytes = 260;

// Fields of most requests, and bytes of those that a handler adds, so that it need not move those that came.
constexpr std::size_t usual_fields = 24;
constexpr std::size_t room_for_more = 384;

constexpr Refusal bad(const char* why) {
  return {400, why};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// request-target = origin-form / absolute-form / authority-form / asterisk-form (RFC 9112, 3.2). Sets the path, and the
// authority of an absolute target.
std::optional<Refusal> parse_target(std::string_view target, RequestHead& request) {
  if (!is_target(target)) return bad("invalid character in the request target");
  if (request.method == "CONNECT") return Refusal{501, "no tunnels here"};
  if (target.front() == '/') {
    request.path_with_query = target;
    return std::nullopt;
  }
  if (target == "*" && request.method == "OPTIONS") {
    request.path_with_query = target;
    return std::nullopt;
  }
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!equal_names(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    if (!is_authority(target.substr(0, end))) return bad("invalid authority in the request target");
    request.authority = target.substr(0, end);
    target.remove_prefix(end);
    request.path_with_query = target.starts_with('/') ? "" : "/";
    request.path_with_query += target;
    return std::nullopt;
  }
  return bad("the request target is neither a path nor an http URL");
}

// HTTP-version = "HTTP/" DIGIT "." DIGIT. A minor version above ours is read as ours (RFC 9110, 2.5).
std::optional<Refusal> parse_version(std::string_view version, RequestHead& request) {
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                           version[6] == '.' && is_digit(version[7]);
  if (!well_formed) return bad("malformed version");
  if (version[5] != '1') return Refusal{505, "version not supported"};
  request.version_minor = version[7] == '0' ? 0 : 1;
  return std::nullopt;
}

// request-line = method SP request-target SP HTTP-version
std::optional<Refusal> parse_line(std::string_view line, const Limits& limits, RequestHead& request) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first + 1) return bad("malformed request line");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(method)) return bad("invalid method");
  if (method.size() > max_method_bytes) return Refusal{501, "unknown method"};
  if (target.size() > limits.target_bytes) return Refusal{414, "request target too long"};
  request.method = method;
  if (auto refusal = parse_version(line.substr(last + 1), request)) return refusal;
  return parse_target(target, request);
}

// A request's body can be delimited only by chunks that were applied last and once (RFC 9112, 6.1).
std::optional<Refusal> check_coding(std::string_view codings) {
  if (equal_names(codings, "chunked")) return std::nullopt;
  const std::size_t comma = codings.rfind(',');
  const bool last = comma != std::string_view::npos && equal_names(trim_value(codings.substr(comma + 1)), "chunked");
  if (!last || lists_token(codings.substr(0, comma), "chunked"))
    return bad("the transfer coding does not end the body");
  return Refusal{501, "unknown transfer coding"};
}

// The fields that frame the message, as they are met.
struct FramingFields {
  std::size_t hosts = 0;
  bool has_length = false;
  bool has_coding = false;
  bool close = false;
  bool keep_alive = false;
};

std::optional<Refusal> take_field(Fields::Field field, FramingFields& seen, RequestHead& request,
                                  ParsedFraming& framing) {
  const auto [name, value] = field;
  switch (name.size()) {
    case 4:
      if (!equal_names(name, "host")) break;
      if (++seen.hosts > 1) return bad("more than one Host");
      if (!is_authority(value)) return bad("invalid Host");
      // Of an absolute target the authority counts; a Host that differs was meant to reach somebody else.
      if (request.authority.empty())
        request.authority = value;
      else if (!equal_names(request.authority, value))
        return bad("Host differs from the target");
      break;
    case 6:
      if (equal_names(name, "expect") && equal_names(value, "100-continue")) framing.expects_continue = true;
      break;
    case 10:
      if (!equal_names(name, "connection")) break;
      seen.close |= lists_token(value, "close");
      seen.keep_alive |= lists_token(value, "keep-alive");
      break;
    case 14: {
      if (!equal_names(name, "content-length")) break;
      if (seen.has_length) return bad("more than one Content-Length");
      seen.has_length = true;
      const auto length = parse_length(value);
      if (!length) return bad("invalid Content-Length");
      framing.length = *length;
      break;
    }
    case 17:
      if (!equal_names(name, "transfer-encoding")) break;
      if (seen.has_coding) return bad("more than one Transfer-Encoding");
      seen.has_coding = true;
      return check_coding(value);
    default:
      break;
  }
  return std::nullopt;
}

std::optional<Refusal> conclude(const FramingFields& seen, const Limits& limits, const RequestHead& request,
                                ParsedFraming& framing) {
  const bool is_old = request.version_minor == 0;
  if (seen.hosts == 0 && !is_old) return bad("no Host");
  if (seen.has_coding && seen.has_length) return bad("both Content-Length and Transfer-Encoding");
  if (seen.has_coding && is_old) return bad("a transfer coding in HTTP/1.0");
  if (framing.length > limits.body_bytes) return Refusal{413, "body too large"};
  if (seen.has_coding)
    framing.body = BodyKind::chunked;
  else if (framing.length > 0)
    framing.body = BodyKind::length;
  framing.keep_alive = !seen.close && (!is_old || seen.keep_alive);
  if (is_old) framing.expects_continue = false;
  return std::nullopt;
}

}  // namespace

bool is_authority(std::string_view text) {
  if (text.size() > max_authority_bytes) return false;
  std::size_t host_end = 0;
  if (text.starts_with('[')) {
    host_end = text.find(']');
    if (host_end == std::string_view::npos || host_end == 1) return false;
    for (char c : text.substr(1, host_end - 1)) {
      if (!is_hex(c) && c != ':' && c != '.') return false;
    }
    ++host_end;
  } else {
    host_end = std::min(text.find(':'), text.size());
    for (char c : text.substr(0, host_end)) {
      if (!is_digit(c) && !is_letter(c) && c != '.' && c != '-' && c != '_' && c != '~') return false;
    }
  }
  if (host_end == 0) return false;
  if (host_end == text.size()) return true;
  if (text[host_end] != ':') return false;
  const std::string_view port = text.substr(host_end + 1);
  std::uint16_t number = 0;
  const auto [at, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && at == port.data() + port.size();
}

bool is_target(std::string_view target) {
  bool ok = true;
  for (char c : target) ok &= c > 0x20 && c < 0x7f && c != '#';
  return ok;
}

std::expected<std::optional<std::string_view>, Refusal> HeadScanner::scan(std::string_view bytes,
                                                                          const Limits& limits) {
  if (searched_ == begin_) {
    if (bytes == "\r") return std::nullopt;
    if (bytes.starts_with("\r\n")) begin_ = line_ = searched_ = 2;
    if (bytes.size() == begin_) return std::nullopt;
    // Tells another protocol, such as TLS, at its first byte.
    if (!is_token(bytes.substr(begin_, 1))) return std::unexpected(bad("this is not an HTTP request"));
  }
  for (;;) {
    const std::size_t end = bytes.find('\n', searched_);
    const std::size_t seen = end == std::string_view::npos ? bytes.size() : end;
    if (line_ == begin_ && seen - begin_ > limits.target_bytes + max_line_overhead) {
      return std::unexpected(Refusal{414, "request target too long"});
    }
    if (seen - begin_ >= limits.head_bytes) return std::unexpected(Refusal{431, "request head too large"});
    if (end == std::string_view::npos) break;
    if (end == line_ || bytes[end - 1] != '\r') return std::unexpected(bad("a line that does not end in CR LF"));
    const bool is_empty = end == line_ + 1;
    searched_ = line_ = end + 1;
    if (is_empty) return bytes.substr(begin_, line_ - begin_);
  }
  searched_ = bytes.size();
  return std::nullopt;
}

std::expected<ParsedFraming, Refusal> parse_request(std::string_view head, const Limits& limits, RequestHead& request) {
  ParsedFraming framing;
  FramingFields seen;
  request.authority.clear();
  request.fields.clear();
  request.fields.reserve(usual_fields, head.size() + room_for_more);
  std::size_t end = head.find("\r\n");
  if (auto refusal = parse_line(head.substr(0, end), limits, request)) return std::unexpected(*refusal);
  for (head.remove_prefix(end + 2); !head.starts_with("\r\n"); head.remove_prefix(end + 2)) {
    end = head.find("\r\n");
    const auto field = parse_field_line(head.substr(0, end));
    if (!field) return std::unexpected(bad(field.error()));
    if (request.fields.size() >= limits.fields) return std::unexpected(Refusal{431, "too many fields"});
    request.fields.append(field->name, field->value);
    if (auto refusal = take_field(*field, seen, request, framing)) return std::unexpected(*refusal);
  }
  if (auto refusal = conclude(seen, limits, request, framing)) return std::unexpected(*refusal);
  return framing;
}

}  // namespace weft::http
