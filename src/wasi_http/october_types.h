// The value types that wasi:http/types of October 2023 had and WASI 0.2 has not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bind/shape.h"

namespace weft::wasi_http::october {

// variant error
struct InvalidUrl {
  std::string value;
  static constexpr std::string_view label = "invalid-url";
};
struct TimeoutError {
  std::string value;
  static constexpr std::string_view label = "timeout-error";
};
struct ProtocolError {
  std::string value;
  static constexpr std::string_view label = "protocol-error";
};
struct UnexpectedError {
  std::string value;
  static constexpr std::string_view label = "unexpected-error";
};
using Error = std::variant<InvalidUrl, TimeoutError, ProtocolError, UnexpectedError>;

// record request-options. Milliseconds.
struct Options {
  std::optional<std::uint32_t> connect_timeout_ms;
  std::optional<std::uint32_t> first_byte_timeout_ms;
  std::optional<std::uint32_t> between_bytes_timeout_ms;
  static constexpr auto labels =
      bind::labels("connect-timeout-ms", "first-byte-timeout-ms", "between-bytes-timeout-ms");
};

}  // namespace weft::wasi_http::october
