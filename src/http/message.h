// The heads of requests and responses.
#pragma once

#include <cstdint>
#include <string>

#include "http/fields.h"

namespace weft::http {

struct RequestHead {
  std::string method;           // as sent
  std::string scheme;           // "http" or "https"
  std::string authority;        // host[:port] the request is for; empty only in HTTP/1.0
  std::string path_with_query;  // begins with "/", or is "*"
  int version_major = 1;        // 2: HTTP/2
  int version_minor = 1;        // HTTP/1.x
  Fields fields;
  std::string client_address;  // "ip:port", "[ip6]:port"
};

struct ResponseHead {
  unsigned status = 200;
  Fields fields;
};

// How a message's body is delimited; until_close is of responses only.
enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

// The standard phrase of a status, or "".
std::string_view reason_phrase(unsigned status);

}  // namespace weft::http
