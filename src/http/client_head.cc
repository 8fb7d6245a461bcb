#include "http/client_head.h"

#include <algorithm>
#include <array>

namespace weft::http {

bool is_clients_own(std::string_view name) {
  switch (name.size()) {
    case 2:
      return equal_names(name, "te");
    case 4:
      return equal_names(name, "host");
    case 7:
      return equal_names(name, "upgrade");
    case 10:
      return equal_names(name, "connection") || equal_names(name, "keep-alive");
    case 14:
      return equal_names(name, "content-length") || equal_names(name, "http2-settings");
    case 16:
      return equal_names(name, "proxy-connection");
    case 17:
      return equal_names(name, "transfer-encoding");
    default:
      return false;
  }
}

RequestFraming request_framing(const ClientRequest& request, bool whole, std::uint64_t size) {
  if (!whole) return {.content_length = request.content_length, .chunked = !request.content_length};
  // Servers expect a length from methods that usually have a body (RFC 9110, 8.6).
  const bool usual = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (size == 0 && !usual) return {};
  return {.content_length = size};
}

std::string request_head(const ClientRequest& request, const RequestFraming& framing) {
  const std::string host = request.authority.empty() ? request.origin.authority() : request.authority;
  const Fields& fields = request.fields;
  std::string out;
  out.reserve(96 + request.path_with_query.size() + host.size() + fields.bytes() + 4 * fields.size());
  out.append(request.method).append(" ");
  if (!request.path_with_query.starts_with('/')) out.append("/");
  out.append(request.path_with_query).append(" HTTP/1.1\r\nhost: ").append(host).append("\r\n");
  bool trailers = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (equal_names(name, "te")) trailers = trailers || lists_token(value, "trailers");
    if (!is_clients_own(name)) out.append(name).append(": ").append(value).append("\r\n");
  }
  if (trailers) out.append("te: trailers\r\nconnection: te\r\n");
  if (framing.content_length)
    out.append("content-length: ").append(std::to_string(*framing.content_length)).append("\r\n");
  if (framing.chunked) out.append("transfer-encoding: chunked\r\n");
  return out.append("\r\n");
}

bool is_idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
  return std::ranges::find(methods, method) != methods.end();
}

bool expects_continue(const ClientRequest& request) {
  const auto expect = request.fields.get("expect");
  return expect && equal_names(*expect, "100-continue");
}

}  // namespace weft::http
