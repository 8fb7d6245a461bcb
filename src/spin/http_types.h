// fermyon:spin/http-types of Spin 1, which its client and its trigger have in common.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "bind/abi.h"
#include "wasi_http/fields.h"

namespace weft::spin::http_v1 {

enum class Method : std::uint8_t { get, post, put, delete_, patch, head, options };
constexpr auto weft_labels(Method) {
  return bind::labels("get", "post", "put", "delete", "patch", "head", "options");
}
// By Method.
inline constexpr std::array<std::string_view, 7> methods = {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"};

using Headers = std::vector<std::tuple<std::string, std::string>>;
using Bytes = std::vector<std::byte>;

// As many fields, and bytes of them, as one resource of wasi:http may have.
inline bool is_within_limits(const Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) bytes += name.size() + value.size();
  return headers.size() <= wasi_http::max_fields_count && bytes <= wasi_http::max_fields_bytes;
}

struct Request {
  Method method;
  std::string uri;
  Headers headers;
  Headers params;
  std::optional<Bytes> body;
  static constexpr auto labels = bind::labels("method", "uri", "headers", "params", "body");
};

struct Response {
  std::uint16_t status;
  std::optional<Headers> headers;
  std::optional<Bytes> body;
  static constexpr auto labels = bind::labels("status", "headers", "body");
};

enum class Error : std::uint8_t {
  success,
  destination_not_allowed,
  invalid_url,
  request_error,
  runtime_error,
  too_many_requests,
};
constexpr auto weft_labels(Error) {
  return bind::labels("success", "destination-not-allowed", "invalid-url", "request-error", "runtime-error",
                      "too-many-requests");
}

}  // namespace weft::spin::http_v1
