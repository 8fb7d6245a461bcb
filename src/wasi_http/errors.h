// The failures of src/http as error-code, and error-code as the payload of a stream's error.
#pragma once

#include <string_view>

#include "bind/registry.h"
#include "http/body.h"
#include "http/client_error.h"
#include "wasi/streams.h"
#include "wasi_http/variants.h"

namespace weft::wasi_http {

// Which message a body belongs to.
enum class Message : std::uint8_t { request, response };

ErrorCode to_error_code(const http::ClientError& error);
// Why an incoming body ended badly. REQUIRES: pipe.failed().
ErrorCode to_error_code(const http::BodyPipe& pipe, Message message);
// A body of another size than was promised: `written` bytes.
ErrorCode body_size_error(Message message, std::uint64_t written);

// An io-error that http-error-code knows.
class HttpIoError final : public wasi::IoError {
 public:
  HttpIoError(ErrorCode code, std::string debug) : wasi::IoError(std::move(debug)), code_(std::move(code)) {}
  const ErrorCode& code() const { return code_; }

 private:
  ErrorCode code_;
};

// The stream-error that carries `code`.
wasi::StreamError stream_failed(ErrorCode code, std::string_view detail);
// The error-code that an io-error carries, if any.
std::optional<ErrorCode> http_error_code(const wasi::IoError& error);

void add_errors(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http
