// The Common Gateway Interface (RFC 3875) as Spin's wagi executor speaks it: a request as the environment of a program,
// and what the program wrote as a response.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace weft::trigger {

using Environment = std::vector<std::pair<std::string, std::string>>;

// What `argv` of a manifest says: ${SCRIPT_NAME} is the path, ${ARGS} the query with spaces for `&`; split at spaces.
std::vector<std::string> cgi_arguments(std::string_view argv, const http::RequestHead& head);

// Sets the variables of a request in `environment`, over those of the same names. `head` has the fields that
// set_spin_headers() gives it; `content_length` is in bytes.
void set_cgi_variables(Environment& environment, const http::RequestHead& head, std::uint64_t content_length);

struct CgiResponse {
  http::ResponseHead head;
  std::string body;
};
// What a program wrote as a response: fields, an empty line, the body. A status that is none becomes 502. An error says
// why there is no response in it.
std::expected<CgiResponse, std::string> read_cgi_response(std::string output);

}  // namespace weft::trigger
