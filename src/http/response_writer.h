// A response as bytes, piece by piece; knows how HTTP/1.x delimits a body (RFC 9112, 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/body.h"
#include "http/message.h"

namespace weft::http {

// What the request says of the response to it.
struct ResponseTerms {
  bool is_head = false;  // to a HEAD request: no body follows
  int version_minor = 1;
  bool keep_alive = true;
};

// Appends one response to a string. Use: begin; then, if sends_body(), before_piece, the bytes and after_piece for
// every piece, none of them empty; and end.
class ResponseWriter {
 public:
  // `body` tells how long the body is, if that is known. Fields of the handler's that are the connection's business are
  // left out. REQUIRES: fault_of(head) is null.
  void begin(const ResponseHead& head, const BodyPipe& body, const ResponseTerms& terms, std::string_view date,
             std::string& out);
  // False: only the head is sent, whatever the body has.
  bool sends_body() const { return sends_body_; }
  // Whether the connection can serve another request when the response has ended well.
  bool keeps_alive() const { return keeps_alive_; }
  // The end of the connection is the end of the body.
  bool ends_with_connection() const { return sends_body_ && !chunked_ && !content_length_; }

  // False: the body is longer than its Content-Length.
  [[nodiscard]] bool before_piece(std::size_t size, std::string& out);
  void after_piece(std::string& out) const;
  // False: the body is shorter than its Content-Length.
  [[nodiscard]] bool end(const std::optional<Fields>& trailers, std::string& out) const;

 private:
  void choose_framing(const ResponseHead& head, const BodyPipe& body, const ResponseTerms& terms);

  std::optional<std::uint64_t> content_length_;
  std::uint64_t sent_ = 0;
  bool chunked_ = false;
  bool sends_body_ = false;
  bool keeps_alive_ = false;
};

// Fields of a response that are the connection's business: hop-by-hop ones, and those that frame the message.
bool is_connections_own(std::string_view name);

// Why a handler's head cannot be sent as it is (it would be read as something else), or null.
const char* fault_of(const ResponseHead& head);
const char* fault_of(const Fields& fields);

// Appends an informational response; fields that are the connection's business are left out.
void append_informational(const ResponseHead& head, std::string& out);

// True for statuses that never have a body (RFC 9110, 6.4.1).
inline bool is_bodiless(unsigned status) {
  return status < 200 || status == 204 || status == 304;
}

// An IMF-fixdate (RFC 9110, 5.6.7).
std::string http_date(std::int64_t unix_seconds);

}  // namespace weft::http
