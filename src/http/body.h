// The bytes of a message on their way between a socket and whoever makes or takes them.
//
// A bounded pipe inside one loop: no locks, one producer, one consumer. Either side may be a coroutine or a guest's
// fiber, so each is told of changes by a callback and decides itself how to wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/fields.h"
#include "util/pinned.h"

namespace weft::http {

// Bytes a pipe holds before the producer is told to wait: enough for one large socket read.
inline constexpr std::size_t body_pipe_capacity = 64 << 10;

// Why a body ended badly.
enum class BodyFault : std::uint8_t {
  cut_short,  // the connection ended, or whoever made the body gave it up
  malformed,
  too_large,
  trailers_too_large,
  timed_out,
  cancelled,  // by the consumer's own side
};

class BodyPipe : Pinned {
 public:
  // ---- producer ----

  // Bytes write() takes now; 0 when full, ended or cancelled.
  std::size_t writable() const { return cancelled_ || ended() || size() >= capacity_ ? 0 : capacity_ - size(); }
  // REQUIRES: bytes.size() <= writable().
  void write(std::string_view bytes);
  // The whole body at once, whatever its size, and the end. REQUIRES: nothing was written before.
  void fill(std::string bytes);
  // No more bytes; with trailers, if any.
  void finish(std::optional<Fields> trailers = std::nullopt);
  // The body ends badly: the consumer gets the reason after what was written.
  void abort(std::string_view reason, BodyFault fault = BodyFault::cut_short);
  // The consumer has gone: nothing written reaches anybody.
  bool cancelled() const { return cancelled_; }
  // Called when writable() grew or cancelled() became true. Not from within the producer's own calls.
  std::function<void()> on_writable;

  // ---- consumer ----

  // What is there now; valid until the next call on this pipe.
  std::string_view front() const { return std::string_view(buffer_).substr(read_at_); }
  void consume(std::size_t bytes);
  // Everything that is there, without a copy.
  std::string take_all();
  // The same, into a string whose memory the pipe takes over.
  void take_all(std::string& into);
  // All bytes were consumed and the producer finished.
  bool at_end() const { return finished_ && size() == 0; }
  // All bytes were consumed and the producer aborted.
  bool failed() const { return aborted_ && size() == 0; }
  const std::string& abort_reason() const { return abort_reason_; }
  BodyFault fault() const { return fault_; }
  const std::optional<Fields>& trailers() const { return trailers_; }
  // No more bytes are wanted.
  void cancel();
  // Called when bytes came or the body ended. Not from within the consumer's own calls.
  std::function<void()> on_readable;

  // ---- both ----

  std::size_t size() const { return buffer_.size() - read_at_; }
  bool finished() const { return finished_; }
  bool ended() const { return finished_ || aborted_; }
  // Makes it as new, but for its memory. REQUIRES: neither side uses it any more.
  void reset();

 private:
  std::string buffer_;
  std::size_t read_at_ = 0;
  std::size_t capacity_ = body_pipe_capacity;
  bool finished_ = false;
  bool aborted_ = false;
  bool cancelled_ = false;
  BodyFault fault_ = BodyFault::cut_short;
  std::string abort_reason_;
  std::optional<Fields> trailers_;
};

}  // namespace weft::http
