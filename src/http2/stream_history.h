// The streams that a client has begun, as far as it matters when they are over: HEADERS that come for one may be late,
// and no fault, or something that a client may not send (RFC 9113, 5.1).
#pragma once

#include <array>
#include <cstdint>

namespace weft::http2 {

class StreamHistory {
 public:
  enum class Verdict : std::uint8_t { fine, closed, never_begun };

  // HEADERS of a stream that is above all others, or are not the first of theirs.
  void on_head(std::int32_t stream) {
    if (stream <= last_) return;
    last_ = stream;
    entry(stream) = {stream, State::open};
  }
  void on_reset_sent(std::int32_t stream) { set(stream, State::reset); }
  void on_closed(std::int32_t stream) {
    if (entry(stream).state != State::reset) set(stream, State::ended);
  }
  // Of HEADERS for a stream that is not open. What is long over is not remembered.
  Verdict judge(std::int32_t stream) {
    if (stream > last_) return Verdict::fine;
    const Entry& known = entry(stream);
    if (known.stream != stream) return Verdict::never_begun;
    // The client may not have seen yet that we reset or refused it.
    return known.state == State::ended ? Verdict::closed : Verdict::fine;
  }

 private:
  enum class State : std::uint8_t { open, reset, ended };
  struct Entry {
    std::int32_t stream = 0;
    State state = State::open;
  };
  Entry& entry(std::int32_t stream) { return entries_[static_cast<std::uint32_t>(stream) / 2 % entries_.size()]; }
  void set(std::int32_t stream, State state) {
    if (entry(stream).stream == stream) entry(stream).state = state;
  }

  std::int32_t last_ = 0;
  std::array<Entry, 256> entries_{};
};

}  // namespace weft::http2
