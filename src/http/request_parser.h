// The strict reader of HTTP/1.x request heads (RFC 9112).
//
// What intermediaries are known to read differently is refused, not repaired: two lengths, a length beside a transfer
// coding, a bare CR or LF, folded lines, space before a colon.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "http/limits.h"
#include "http/message.h"

namespace weft::http {

struct ParsedRequest {
  RequestHead head;
  BodyKind body = BodyKind::none;
  std::uint64_t length = 0;  // for BodyKind::length
  bool keep_alive = true;
  bool expects_continue = false;
};

// Why a head is refused. The connection is closed after the answer.
struct Refusal {
  unsigned status;
  const char* why;
};

// Where the head in `bytes` ends (just after the empty line), if it does. A refusal if it never can within the limits.
std::expected<std::optional<std::size_t>, Refusal> find_head_end(std::string_view bytes, const Limits& limits);

// Parses a complete head. `scheme` is the listener's.
std::expected<ParsedRequest, Refusal> parse_request(std::string_view head, std::string_view scheme,
                                                    const Limits& limits);

}  // namespace weft::http
