// Requests of one's own: what weft_fetch.hpp and weft_fetch_p3.hpp have in common.
#pragma once

#include <algorithm>
#include <chrono>
#include <iterator>
#include <vector>

#include "weft_response.hpp"
#include "weft_result.hpp"

namespace weft {

struct Fetch {
  std::string url;  // of http or https, absolute
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  // For connecting, and for each wait for the answer and for more of it.
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  // An answer with more is an error.
  std::size_t max_body_bytes = std::size_t{10} << 20;
};

// Whatever status it has, an answer is no error. Waits for all of it. Redirects are not followed.
inline Result<Response> fetch(const Fetch& what);

namespace abi {

// An error-code as a result has it: the case, and room for what some cases say more.
struct ErrorCode {
  std::uint8_t which;
  alignas(8) std::uint8_t more[24];
};

inline std::unexpected<Error> http_error(const ErrorCode& error) {
  static constexpr const char* names[] = {"DNS-timeout",
                                          "DNS-error",
                                          "destination-not-found",
                                          "destination-unavailable",
                                          "destination-IP-prohibited",
                                          "destination-IP-unroutable",
                                          "connection-refused",
                                          "connection-terminated",
                                          "connection-timeout",
                                          "connection-read-timeout",
                                          "connection-write-timeout",
                                          "connection-limit-reached",
                                          "TLS-protocol-error",
                                          "TLS-certificate-error",
                                          "TLS-alert-received",
                                          "HTTP-request-denied",
                                          "HTTP-request-length-required",
                                          "HTTP-request-body-size",
                                          "HTTP-request-method-invalid",
                                          "HTTP-request-URI-invalid",
                                          "HTTP-request-URI-too-long",
                                          "HTTP-request-header-section-size",
                                          "HTTP-request-header-size",
                                          "HTTP-request-trailer-section-size",
                                          "HTTP-request-trailer-size",
                                          "HTTP-response-incomplete",
                                          "HTTP-response-header-section-size",
                                          "HTTP-response-header-size",
                                          "HTTP-response-body-size",
                                          "HTTP-response-trailer-section-size",
                                          "HTTP-response-trailer-size",
                                          "HTTP-response-transfer-coding",
                                          "HTTP-response-content-coding",
                                          "HTTP-response-timeout",
                                          "HTTP-upgrade-failed",
                                          "HTTP-protocol-error",
                                          "loop-detected",
                                          "configuration-error",
                                          "internal-error"};
  return fail(error.which < std::size(names) ? names[error.which] : "an unknown error");
}

struct Url {
  bool https;
  std::string_view authority;  // of the text that it was made of
  std::string path_with_query;
};

inline Result<Url> parse_url(const std::string& text) {
  const std::string_view url = text;
  const std::size_t mark = url.find("://");
  const std::string_view scheme = url.substr(0, mark);
  if (mark == url.npos || (scheme != "http" && scheme != "https"))
    return fail("`" + text + "` is no URL of http or https");
  std::string_view rest = url.substr(mark + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  std::string path(rest.substr(end));
  if (!path.starts_with('/')) path.insert(0, 1, '/');
  return Url{scheme == "https", rest.substr(0, end), std::move(path)};
}

// Cases of the types method and scheme.
constexpr std::int32_t other_method = 9;
constexpr std::int32_t scheme_http = 0, scheme_https = 1;

// Takes over what the host has allocated.
inline void take_headers(const weft_abi_headers& headers, Response& to) {
  for (std::size_t i = 0; i < headers.size; ++i)
    to.headers.emplace_back(take(headers.data[i].name), take(headers.data[i].value));
  if (headers.size != 0) std::free(const_cast<weft_header*>(headers.data));
}

inline std::unexpected<Error> body_error(const Fetch& what) {
  return fail("the answer's body is incomplete, or has more than " + std::to_string(what.max_body_bytes) + " bytes");
}

}  // namespace abi
}  // namespace weft
