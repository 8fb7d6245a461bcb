// Response heads as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/message.h"

namespace weft::http {

// How a response's body is delimited.
struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool close = false;  // the connection closes after it
};

// The head, with Date and the fields that frame the message; fields of the handler's that are the connection's business
// are left out.
std::string response_head(const ResponseHead& head, const Framing& framing, int version_minor, const std::string& date);

// True for statuses that never have a body.
inline bool is_bodiless(unsigned status) {
  return status < 200 || status == 204 || status == 304;
}

// An IMF-fixdate.
std::string http_date(std::int64_t unix_seconds);

}  // namespace weft::http
