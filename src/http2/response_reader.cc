#include "http2/response_reader.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "http/chunks.h"

namespace weft::http2 {
namespace {

// As HTTP/1.1 would send it: ": " and the end of the line.
constexpr std::size_t line_overhead = 4;

}  // namespace

void ResponseReader::refuse(http::ClientFault fault, std::size_t limit, const char* of_what) {
  if (error_) return;
  const auto seen = static_cast<std::uint32_t>(std::min<std::size_t>(bytes_, UINT32_MAX));
  error_ = http::ClientError{fault, "more than " + std::to_string(limit) + of_what, seen};
}

void ResponseReader::add(std::string_view name, std::string_view value, const http::ResponseLimits& limits) {
  bytes_ += name.size() + value.size() + line_overhead;
  if (trailers_) {
    if (trailers_->bytes() + name.size() + value.size() > http::max_trailer_bytes)
      return refuse(http::ClientFault::response_trailer_size, http::max_trailer_bytes, " bytes");
    trailers_->append(name, value);
    return;
  }
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), head_.status);
    return;
  }
  if (bytes_ > limits.head_bytes) return refuse(http::ClientFault::response_head_size, limits.head_bytes, " bytes");
  if (head_.fields.size() >= limits.fields) {
    return refuse(http::ClientFault::response_head_size, limits.fields, " fields");
  }
  head_.fields.append(name, value);
}

void ResponseReader::forget() {
  head_.status = 0;
  head_.fields.clear();
  bytes_ = 0;
}

}  // namespace weft::http2
