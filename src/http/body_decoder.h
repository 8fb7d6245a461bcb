// The body of a message as it stands on the wire, decoded into a pipe.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "http/body.h"
#include "http/chunks.h"
#include "http/request_parser.h"

namespace weft::http {

class BodyDecoder {
 public:
  struct Fault {
    BodyFault fault;
    const char* why;
  };

  // No body: done() at once.
  BodyDecoder() = default;
  BodyDecoder(BodyKind kind, std::uint64_t length)
      : kind_(kind), left_(length), done_(kind == BodyKind::none || (kind == BodyKind::length && length == 0)) {}

  // Moves what `bytes` has of the body into `pipe`, as far as that has room; returns how many bytes were used. Finishes
  // the pipe at the body's end. What a cancelled pipe does not take is dropped.
  std::expected<std::size_t, Fault> feed(std::string_view bytes, BodyPipe& pipe);
  // The connection has ended. False: in the midst of the body.
  bool close(BodyPipe& pipe);
  bool done() const { return done_; }
  // Bytes of the body so far, without what delimits them.
  std::uint64_t received() const { return received_; }
  // How many more bytes the message has at most; UINT64_MAX when only its end tells.
  std::uint64_t left() const { return done_ ? 0 : kind_ == BodyKind::length ? left_ : UINT64_MAX; }

 private:
  BodyKind kind_ = BodyKind::none;
  std::uint64_t left_ = 0;
  std::uint64_t received_ = 0;
  ChunkDecoder chunks_;
  bool done_ = true;
};

}  // namespace weft::http
