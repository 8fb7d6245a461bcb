// The strict reader of HTTP/1.x request heads (RFC 9112).
//
// What intermediaries are known to read differently is refused, not repaired: two lengths, a length beside a transfer
// coding, a bare CR or LF, folded lines, space before a colon, a fragment in the target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "http/limits.h"
#include "http/message.h"

namespace weft::http {

// What a request's head says of the connection and of the body after it.
struct ParsedFraming {
  BodyKind body = BodyKind::none;
  std::uint64_t length = 0;  // for BodyKind::length
  bool keep_alive = true;
  bool expects_continue = false;
};

// Why a request is refused. The connection is closed after the answer.
struct Refusal {
  unsigned status;
  const char* why;
};

// Finds the end of a head while its bytes come in. Each byte is looked at once, however small the pieces.
class HeadScanner {
 public:
  // `bytes` is all that came since the last reset(). The head with its empty line, once that is there; an empty line
  // before it is left out (RFC 9112, 2.2). A refusal as soon as no head within the limits can come of the bytes.
  std::expected<std::optional<std::string_view>, Refusal> scan(std::string_view bytes, const Limits& limits);
  void reset() { *this = HeadScanner(); }

 private:
  std::size_t begin_ = 0;     // of the head
  std::size_t line_ = 0;      // of the line that is not complete
  std::size_t searched_ = 0;  // no end of a line is before it that is not known
};

// Parses a head that HeadScanner found into `request`, whose memory is used again. Scheme and client address are left
// to the caller.
std::expected<ParsedFraming, Refusal> parse_request(std::string_view head, const Limits& limits, RequestHead& request);

// Longer than any registered method, WebDAV's included.
inline constexpr std::size_t max_method_bytes = 32;
// host [":" port] (RFC 3986, 3.2), without what URLs allow there and no client sends: user information,
// percent-encoding and sub-delimiters, which readers take for different things.
bool is_authority(std::string_view text);
// Printable ASCII without "#". What URLs do not allow but browsers send in a query, such as `|`, is passed on.
bool is_target(std::string_view target);

}  // namespace weft::http
