// The strict reader of HTTP/1.x response heads (RFC 9112).
//
// As request_parser.h: what could be framed in two ways is refused, not repaired.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "http/client_error.h"
#include "http/message.h"
#include "http/request_parser.h"

namespace weft::http {

struct ResponseLimits {
  std::size_t head_bytes = 64 << 10;  // status line and fields together; what common clients accept at most
  std::size_t fields = 256;
};

struct ParsedResponse {
  ResponseHead head;
  BodyKind body = BodyKind::none;
  std::uint64_t length = 0;  // for BodyKind::length
  bool keep_alive = true;

  // A 1xx: the response is still to come.
  bool is_interim() const { return head.status < 200; }
};

// Where the head in `bytes` ends (just after the empty line), if it does. An error as soon as it cannot become a head
// within the limits. `seen`: bytes of it that an earlier call has looked at.
std::expected<std::optional<std::size_t>, ClientError> find_response_end(std::string_view bytes, std::size_t seen,
                                                                         const ResponseLimits& limits);

// Parses a complete head: the answer to a request with `method`.
std::expected<ParsedResponse, ClientError> parse_response(std::string_view head, std::string_view method,
                                                          const ResponseLimits& limits);

}  // namespace weft::http
