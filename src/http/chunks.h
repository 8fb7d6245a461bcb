// Chunked transfer coding, both ways (RFC 9112, 7.1).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/fields.h"

namespace weft::http {

// Bytes of one chunk's size line with its extensions.
inline constexpr std::size_t max_chunk_line_bytes = 256;
// Bytes of the trailer section.
inline constexpr std::size_t max_trailer_bytes = 16 << 10;
// What ChunkDecoder says beyond that.
inline constexpr const char* trailers_too_large = "trailers too large";

// Decodes a chunked body piece by piece.
class ChunkDecoder {
 public:
  struct Step {
    std::size_t used = 0;   // bytes of the input that were read
    std::string_view data;  // body bytes among them, if any
  };
  // Reads the next part of `bytes`, giving at most `max` bytes of body. Nothing used: more input is needed. An error
  // text for a malformed body.
  std::expected<Step, const char*> next(std::string_view bytes, std::size_t max);
  bool done() const { return state_ == State::done; }
  Fields take_trailers() { return std::move(trailers_); }

 private:
  enum class State { size, data, data_end, trailers, done };
  std::expected<Step, const char*> read_size(std::string_view bytes);
  std::expected<Step, const char*> read_trailer(std::string_view bytes);

  State state_ = State::size;
  std::uint64_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
  Fields trailers_;
};

// The size line that goes before a chunk of `size` bytes (not 0); CR LF goes after the chunk.
std::string chunk_header(std::size_t size);
void append_chunk_header(std::string& out, std::size_t size);
// What ends a chunked body. Trailers that are no fields, or would frame a message, are left out (RFC 9110, 6.5.1).
std::string last_chunk(const std::optional<Fields>& trailers);

}  // namespace weft::http
