// One request of the client and its response, on a stream. Internal to ClientSession.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "http/client_connection.h"
#include "http2/bodies.h"
#include "http2/response_reader.h"
#include "util/event.h"

namespace weft::http2 {

struct ClientStream {
  using Time = http::ClientExchange::Time;
  using Outcome = http::ClientConnection::Outcome;

  // Who waits for the end; on its coroutine.
  struct Waiter {
    explicit Waiter(Loop& loop) : event(loop) {}
    Event event;
    std::optional<Outcome> outcome;
  };

  std::int32_t id = 0;
  std::size_t at = 0;                              // among the session's streams
  std::shared_ptr<http::ClientExchange> exchange;  // until nghttp2 lets go of the stream, for its bodies
  Waiter* waiter = nullptr;                        // null: it has its outcome
  ResponseReader reader;
  IncomingBody in;
  OutgoingBody out;
  Time read_deadline = http::ClientExchange::never;
  Time write_deadline = http::ClientExchange::never;
  std::uint64_t sent_at_look = 0;
  std::uint32_t error = 0;  // it ended with
  unsigned interim = 0;

  bool touched = false;
  bool head_sent = false;      // the server may have seen something of it
  bool sent = false;           // all of the request
  bool head_complete = false;  // of the response
  bool responded = false;      // the exchange has it
  bool news = false;           // something of the body came
  bool malformed = false;      // as far as interim responses go
  bool reset_by_peer = false;
  bool reset = false;   // by us; its end is on the way
  bool closed = false;  // nghttp2 knows it no more
};

}  // namespace weft::http2
