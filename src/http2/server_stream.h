// One request over HTTP/2 and its response. Internal to ServerSession.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "http/exchange.h"
#include "http2/bodies.h"
#include "http2/request_reader.h"
#include "util/recycled.h"

namespace weft::http2 {

struct ServerStream final : Recycled<ServerStream> {
  using TimePoint = std::chrono::steady_clock::time_point;

  std::int32_t id = 0;
  std::size_t at = 0;                        // among the session's streams
  std::shared_ptr<http::Exchange> exchange;  // never null
  RequestReader reader;
  std::optional<http::Refusal> refusal;       // of the head
  std::optional<http::Refusal> body_refusal;  // to be acted on
  http::BodyFault body_fault = http::BodyFault::malformed;
  std::optional<http::Fields> trailers;
  IncomingBody in;
  OutgoingBody out;
  TimePoint read_since{};   // the client was to send since then: its head, or more of its body
  TimePoint write_since{};  // it was to take more of the response since then
  std::uint64_t sent_at_look = 0;
  std::uint32_t error = 0;  // it ended with

  bool touched = false;
  bool head_complete = false;
  bool begun = false;      // the handler has it, or it was refused
  bool is_head = false;    // a HEAD request
  bool submitted = false;  // the response has begun
  bool sent = false;       // and is complete
  bool body_refused = false;
  bool trailers_too_large = false;
  bool reset = false;   // by us; its end is on the way
  bool closed = false;  // nghttp2 knows it no more
};

}  // namespace weft::http2
