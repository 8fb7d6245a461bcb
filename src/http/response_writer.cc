#include "http/response_writer.h"

#include <charconv>
#include <cstdio>
#include <ctime>

#include "http/chunks.h"

namespace weft::http {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

std::optional<std::uint64_t> given_length(const ResponseHead& head) {
  const auto given = head.fields.get("content-length");
  return given ? parse_length(*given) : std::nullopt;
}

void append_status_line(std::string& out, unsigned status, int version_minor) {
  out.append(version_minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 ");
  append_number(out, status);
  out.append(" ").append(reason_phrase(status)).append("\r\n");
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 102:
      return "Processing";
    case 103:
      return "Early Hints";
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

bool is_connections_own(std::string_view name) {
  switch (name.size()) {
    case 2:
      return equal_names(name, "te");
    case 7:
      return equal_names(name, "upgrade");
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

const char* fault_of(const ResponseHead& head) {
  // A status below 200 would make the client wait for another response; more than three digits are no status line.
  if (head.status < 200 || head.status > 999) return "the status is not one of a final response";
  return fault_of(head.fields);
}

const char* fault_of(const Fields& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (!is_token(name)) return "a field name has invalid characters";
    if (!is_field_value(value)) return "a field value has invalid characters";
  }
  return nullptr;
}

void ResponseWriter::choose_framing(const ResponseHead& head, const BodyPipe& body, const ResponseTerms& terms) {
  const bool is_whole = body.finished();
  const auto given = given_length(head);
  *this = {};
  keeps_alive_ = terms.keep_alive;
  if (is_bodiless(head.status)) return;
  sends_body_ = !terms.is_head;
  if (terms.is_head && (given || is_whole))
    content_length_ = given.value_or(body.size());
  else if (is_whole && (!body.trailers() || terms.version_minor == 0))
    content_length_ = body.size();
  else if (!is_whole && given)
    content_length_ = given;
  else if (terms.version_minor >= 1)
    chunked_ = sends_body_;
  else
    keeps_alive_ &= terms.is_head;
}

void ResponseWriter::begin(const ResponseHead& head, const BodyPipe& body, const ResponseTerms& terms,
                           std::string_view date, std::string& out) {
  choose_framing(head, body, terms);
  append_status_line(out, head.status, terms.version_minor);
  bool has_date = false;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto [name, value] = head.fields[i];
    if (is_connections_own(name)) continue;
    if (name.size() == 4 && equal_names(name, "date")) has_date = true;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (content_length_) {
    out.append("content-length: ");
    append_number(out, *content_length_);
    out.append("\r\n");
  }
  if (chunked_) out.append("transfer-encoding: chunked\r\n");
  if (!keeps_alive_)
    out.append("connection: close\r\n");
  else if (terms.version_minor == 0)
    out.append("connection: keep-alive\r\n");
  if (!has_date) out.append("date: ").append(date).append("\r\n");
  out.append("\r\n");
}

bool ResponseWriter::before_piece(std::size_t size, std::string& out) {
  sent_ += size;
  if (content_length_ && sent_ > *content_length_) return false;
  if (chunked_) append_chunk_header(out, size);
  return true;
}

void ResponseWriter::after_piece(std::string& out) const {
  if (chunked_) out.append("\r\n");
}

bool ResponseWriter::end(const std::optional<Fields>& trailers, std::string& out) const {
  if (chunked_) out.append(last_chunk(trailers));
  return !sends_body_ || !content_length_ || sent_ == *content_length_;
}

void append_informational(const ResponseHead& head, std::string& out) {
  append_status_line(out, head.status, 1);
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto [name, value] = head.fields[i];
    if (!is_connections_own(name)) out.append(name).append(": ").append(value).append("\r\n");
  }
  out.append("\r\n");
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
