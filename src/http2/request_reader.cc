#include "http2/request_reader.h"

#include <utility>

namespace weft::http2 {
namespace {

// As HTTP/1.1 would send it: ": " and the end of the line.
constexpr std::size_t line_overhead = 4;

}  // namespace

void RequestReader::refuse(http::Refusal refusal) {
  if (!refusal_) refusal_ = refusal;
}

void RequestReader::add_pseudo(std::string_view name, std::string_view value, const http::Limits& limits,
                               http::RequestHead& request) {
  if (name == ":method") {
    if (value.size() > http::max_method_bytes) return refuse({400, "method too long"});
    if (value == "CONNECT") refuse({501, "no tunnels here"});
    request.method = value;
  } else if (name == ":path") {
    if (value.size() > limits.target_bytes) return refuse({414, "request target too long"});
    if (!http::is_target(value)) return refuse({400, "invalid character in the request target"});
    request.path_with_query = value;
  } else if (name == ":authority") {
    if (!http::is_authority(value)) return refuse({400, "invalid authority"});
    request.authority = value;
  }
  // The scheme is what the connection has, whatever the client says.
}

void RequestReader::add(std::string_view name, std::string_view value, const http::Limits& limits,
                        http::RequestHead& request) {
  bytes_ += name.size() + value.size() + line_overhead;
  if (bytes_ > limits.head_bytes) return refuse({431, "request head too large"});
  if (name.starts_with(':')) return add_pseudo(name, value, limits, request);
  if (request.fields.size() >= limits.fields) return refuse({431, "too many fields"});
  if (!http::is_token(name) || !http::is_field_value(value)) return refuse({400, "invalid field"});
  if (name == "cookie") {
    // Sent in parts so that they compress well (RFC 9113, 8.2.3); elsewhere it is one field.
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
    return;
  }
  if (name == "host") {
    if (std::exchange(has_host_, true)) return refuse({400, "more than one Host"});
    if (!http::is_authority(value)) return refuse({400, "invalid Host"});
    if (request.authority.empty())
      request.authority = value;
    else if (!http::equal_names(request.authority, value))
      return refuse({400, "Host differs from the authority"});
  } else if (name == "content-length") {
    length_ = http::parse_length(value);
    if (!length_) return refuse({400, "invalid Content-Length"});
  } else if (name == "expect" && http::equal_names(value, "100-continue")) {
    expects_continue_ = true;
  }
  request.fields.append(name, value);
}

std::optional<http::Refusal> RequestReader::finish(const http::Limits& limits, http::RequestHead& request) {
  if (refusal_) return refusal_;
  if (request.authority.empty()) return http::Refusal{400, "no authority"};
  if (length_ && *length_ > limits.body_bytes) return http::Refusal{413, "body too large"};
  if (!cookies_.empty()) request.fields.append("cookie", cookies_);
  // Who reads the fields need not know that HTTP/2 has it elsewhere.
  if (!has_host_) request.fields.append("host", request.authority);
  return std::nullopt;
}

}  // namespace weft::http2
