#include "http/response_parser.h"

#include <algorithm>
#include <charconv>

namespace weft::http {
namespace {

std::unexpected<ClientError> bad(const char* why) {
  return std::unexpected(ClientError{ClientFault::response_malformed, why});
}

// HTTP-version SP status-code SP [ reason-phrase ]; the second space may be missing, as some servers leave it out.
std::expected<int, ClientError> parse_status_line(std::string_view line, ResponseHead& head) {
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return bad("malformed status line");
  if (line[7] != '0' && line[7] != '1') return bad("version not supported");
  unsigned status = 0;
  const auto [at, error] = std::from_chars(line.data() + 9, line.data() + 12, status);
  if (error != std::errc() || at != line.data() + 12 || status < 100) return bad("malformed status code");
  if (line.size() > 12 && (line[12] != ' ' || !is_field_value(trim_value(line.substr(13)))))
    return bad("malformed status line");
  head.status = status;
  return line[7] - '0';
}

// Reads the fields that frame the message (RFC 9112, 6.3).
std::expected<void, ClientError> frame(ParsedResponse& response, int version_minor, std::string_view method) {
  bool has_length = false;
  bool has_coding = false;
  bool close = false;
  bool keep_alive = false;
  const Fields& fields = response.head.fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    switch (name.size()) {
      case 10:
        if (equal_names(name, "connection")) {
          close = close || lists_token(value, "close");
          keep_alive = keep_alive || lists_token(value, "keep-alive");
        }
        break;
      case 14:
        if (equal_names(name, "content-length")) {
          if (has_length) return bad("more than one Content-Length");
          has_length = true;
          const auto length = parse_length(value);
          if (!length) return bad("invalid Content-Length");
          response.length = *length;
        }
        break;
      case 17:
        if (equal_names(name, "transfer-encoding")) {
          if (has_coding) return bad("more than one Transfer-Encoding");
          has_coding = true;
          if (!equal_names(value, "chunked")) {
            return std::unexpected(ClientError{ClientFault::response_coding, std::string(value)});
          }
        }
        break;
      default:
        break;
    }
  }
  if (has_coding && has_length) return bad("both Content-Length and Transfer-Encoding");
  if (has_coding && version_minor == 0) return bad("a transfer coding in HTTP/1.0");
  response.keep_alive = !close && (version_minor >= 1 || keep_alive);
  const unsigned status = response.head.status;
  if (status < 200 || status == 204) {
    // Neither may announce a body: nobody knows where the next message begins.
    if (has_coding || response.length > 0) response.keep_alive = false;
  } else if (method == "HEAD" || status == 304) {
    // The fields say what a GET would have had.
  } else if (has_coding) {
    response.body = BodyKind::chunked;
    return {};
  } else if (has_length) {
    response.body = response.length > 0 ? BodyKind::length : BodyKind::none;
    return {};
  } else {
    response.body = BodyKind::until_close;
    response.keep_alive = false;
  }
  response.length = 0;
  return {};
}

}  // namespace

std::expected<std::optional<std::size_t>, ClientError> find_response_end(std::string_view bytes, std::size_t seen,
                                                                         const ResponseLimits& limits) {
  // What is no HTTP/1.x is known from the first bytes: no time-out has to end a connection to another protocol.
  constexpr std::string_view prefix = "HTTP/1.";
  const std::string_view begin = bytes.substr(0, prefix.size());
  if (prefix.substr(0, begin.size()) != begin) return bad("not an HTTP/1.x response");
  for (std::size_t at = seen > 3 ? seen - 3 : 0;;) {
    at = bytes.find('\n', at);
    if (at == std::string_view::npos) break;
    if (at == 0 || bytes[at - 1] != '\r') return bad("a line that does not end with CR LF");
    if (at >= limits.head_bytes) break;
    if (at >= 3 && bytes[at - 2] == '\n') return at + 1;
    ++at;
  }
  if (bytes.size() >= limits.head_bytes) {
    return std::unexpected(ClientError{ClientFault::response_head_size,
                                       "more than " + std::to_string(limits.head_bytes) + " bytes",
                                       static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), UINT32_MAX))});
  }
  return std::nullopt;
}

std::expected<ParsedResponse, ClientError> parse_response(std::string_view bytes, std::string_view method,
                                                          const ResponseLimits& limits) {
  ParsedResponse response;
  std::size_t end = bytes.find("\r\n");
  const auto minor = parse_status_line(bytes.substr(0, end), response.head);
  if (!minor) return std::unexpected(minor.error());
  Fields& fields = response.head.fields;
  fields.reserve(16, bytes.size());
  std::string_view rest = bytes.substr(end + 2);
  while (!rest.starts_with("\r\n")) {
    end = rest.find("\r\n");
    const auto field = parse_field_line(rest.substr(0, end));
    if (!field) return bad(field.error());
    rest.remove_prefix(end + 2);
    if (fields.size() >= limits.fields) {
      return std::unexpected(ClientError{ClientFault::response_head_size,
                                         "more than " + std::to_string(limits.fields) + " fields",
                                         static_cast<std::uint32_t>(bytes.size())});
    }
    fields.append(field->name, field->value);
  }
  if (auto framed = frame(response, *minor, method); !framed) return std::unexpected(framed.error());
  return response;
}

}  // namespace weft::http
