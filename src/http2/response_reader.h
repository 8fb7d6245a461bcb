// A response's head, and its trailers, as their fields come.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/client_error.h"
#include "http/message.h"
#include "http/response_parser.h"

namespace weft::http2 {

// What nghttp2 checks is not checked again: one :status of three digits before all fields, names in lower case, no
// fields of a connection, that DATA is as long as Content-Length says.
class ResponseReader {
 public:
  // Adds a field to the head, or to the trailers once begin_trailers() was called.
  void add(std::string_view name, std::string_view value, const http::ResponseLimits& limits);
  void begin_trailers() { trailers_.emplace(); }
  // The head that came was of an interim response: forgets it.
  void forget();

  http::ResponseHead& head() { return head_; }
  std::optional<http::Fields>& trailers() { return trailers_; }
  // What is beyond a limit.
  const std::optional<http::ClientError>& error() const { return error_; }

 private:
  void refuse(http::ClientFault fault, std::size_t limit, const char* of_what);

  http::ResponseHead head_{.status = 0, .fields = {}};
  std::optional<http::Fields> trailers_;
  std::optional<http::ClientError> error_;
  std::size_t bytes_ = 0;
};

}  // namespace weft::http2
