#include "http/response_writer.h"

#include <charconv>
#include <ctime>

namespace weft::http {
namespace {

// Hop-by-hop fields, and those the connection writes itself.
bool is_connections_own(std::string_view name) {
  switch (name.size()) {
    case 2:
      return equal_names(name, "te");
    case 4:
      return equal_names(name, "date");
    case 7:
      return equal_names(name, "trailer") || equal_names(name, "upgrade");
    case 10:
      return equal_names(name, "connection") || equal_names(name, "keep-alive");
    case 14:
      return equal_names(name, "content-length");
    case 16:
      return equal_names(name, "proxy-connection");
    case 17:
      return equal_names(name, "transfer-encoding");
    default:
      return false;
  }
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

std::string response_head(const ResponseHead& head, const Framing& framing, int version_minor,
                          const std::string& date) {
  std::string out;
  out.reserve(160 + head.fields.bytes() + 4 * head.fields.size());
  out.append(version_minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 ");
  append_number(out, head.status);
  out.append(" ").append(reason_phrase(head.status)).append("\r\n");
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto [name, value] = head.fields[i];
    if (!is_connections_own(name)) out.append(name).append(": ").append(value).append("\r\n");
  }
  if (framing.content_length) {
    out.append("content-length: ");
    append_number(out, *framing.content_length);
    out.append("\r\n");
  }
  if (framing.chunked) out.append("transfer-encoding: chunked\r\n");
  if (framing.close)
    out.append("connection: close\r\n");
  else if (version_minor == 0)
    out.append("connection: keep-alive\r\n");
  out.append("date: ").append(date).append("\r\n\r\n");
  return out;
}

std::string http_date(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts;
  gmtime_r(&time, &parts);
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[40];
  const int length =
      std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                    months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return std::string(text, static_cast<std::size_t>(length));
}

}  // namespace weft::http
