// A request's head, as its fields come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/limits.h"
#include "http/message.h"
#include "http/request_parser.h"

namespace weft::http2 {

// What nghttp2 checks is not checked again: which pseudo-fields there are, once each and before the others; names in
// lower case; no fields of a connection; that DATA is as long as Content-Length says.
class RequestReader {
 public:
  // Adds one field to `request`. What is beyond a limit is left out, and noted.
  void add(std::string_view name, std::string_view value, const http::Limits& limits, http::RequestHead& request);
  // The head is complete. Why it is refused, or nothing.
  std::optional<http::Refusal> finish(const http::Limits& limits, http::RequestHead& request);

  bool expects_continue() const { return expects_continue_; }

 private:
  void refuse(http::Refusal refusal);
  void add_pseudo(std::string_view name, std::string_view value, const http::Limits& limits,
                  http::RequestHead& request);

  std::optional<http::Refusal> refusal_;
  std::size_t bytes_ = 0;
  std::string cookies_;
  std::optional<std::uint64_t> length_;
  bool has_host_ = false;
  bool expects_continue_ = false;
};

}  // namespace weft::http2
