// The bodies of one stream: pipes on one side, flow control on the other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "http/body.h"

namespace weft::http2 {

// What the peer sends: it may send more when somebody took what it sent.
struct IncomingBody {
  http::BodyPipe* pipe = nullptr;
  std::uint64_t received = 0;
  std::uint64_t credited = 0;   // of it: the peer was told that it may send as much again
  std::uint64_t discarded = 0;  // of it: nobody wanted it
  bool ended = false;

  // What is beyond the window is dropped: nghttp2 hands it out, and then ends the stream.
  void take(std::string_view bytes) {
    received += bytes.size();
    if (bytes.size() <= pipe->writable())
      pipe->write(bytes);
    else
      discarded += bytes.size();
  }
  // Bytes that are newly gone from memory, now told to the peer.
  std::uint32_t take_credit() {
    const std::uint64_t gone = received - (pipe->cancelled() ? 0 : pipe->size());
    const std::uint64_t credit = gone - credited;
    credited = gone;
    return static_cast<std::uint32_t>(credit);
  }
  // Of what was received, when the stream is over.
  std::uint32_t take_rest() { return static_cast<std::uint32_t>(received - std::exchange(credited, received)); }
};

// What we send. What nghttp2 sends next is asked of it, and taken of it, in two calls.
struct OutgoingBody {
  http::BodyPipe* pipe = nullptr;
  std::optional<std::uint64_t> length;  // as announced
  std::uint64_t sent = 0;
  bool waiting = false;  // nghttp2 asks again only when it is told to
  bool held = false;     // nothing goes for now
  const char* fault = nullptr;

  enum class Next : std::uint8_t { bytes, end, end_with_trailers, wait, fail };
  struct Piece {
    Next what;
    std::size_t size = 0;
  };
  // What goes into a frame of up to `room` bytes. An end comes with the last bytes, if there are any.
  Piece next(std::size_t room) {
    if (held) return {Next::wait};
    const std::size_t size = std::min(room, pipe->size());
    if (length && sent + pipe->size() > *length) return failed("a body is longer than its Content-Length");
    const bool is_last = pipe->finished() && size == pipe->size();
    if (is_last && length && sent + size < *length) return failed("a body is shorter than its Content-Length");
    if (is_last) return {pipe->trailers() && !pipe->trailers()->empty() ? Next::end_with_trailers : Next::end, size};
    if (size > 0) return {Next::bytes, size};
    if (pipe->ended()) return failed("");
    return {Next::wait};
  }
  void took(std::size_t size) {
    sent += size;
    pipe->consume(size);
  }
  // Something is there for who waits.
  bool has_news() const { return waiting && !held && (pipe->size() > 0 || pipe->ended()); }

 private:
  Piece failed(const char* why) {
    fault = why;
    return {Next::fail};
  }
};

}  // namespace weft::http2
