// enum wasi:filesystem/types.error-code
#pragma once

#include <cstdint>
#include <expected>

#include "bind/shape.h"

namespace weft::wasi {

enum class ErrorCode : std::uint8_t {
  access,
  would_block,
  already,
  bad_descriptor,
  busy,
  deadlock,
  quota,
  exist,
  file_too_large,
  illegal_byte_sequence,
  in_progress,
  interrupted,
  invalid,
  io,
  is_directory,
  loop,
  too_many_links,
  message_size,
  name_too_long,
  no_device,
  no_entry,
  no_lock,
  insufficient_memory,
  insufficient_space,
  not_directory,
  not_empty,
  not_recoverable,
  unsupported,
  no_tty,
  no_such_device,
  overflow,
  not_permitted,
  pipe,
  read_only,
  invalid_seek,
  text_file_busy,
  cross_device,
};

constexpr auto weft_labels(ErrorCode) {
  return bind::labels("access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist",
                      "file-too-large", "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io",
                      "is-directory", "loop", "too-many-links", "message-size", "name-too-long", "no-device",
                      "no-entry", "no-lock", "insufficient-memory", "insufficient-space", "not-directory", "not-empty",
                      "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow", "not-permitted", "pipe",
                      "read-only", "invalid-seek", "text-file-busy", "cross-device");
}

template <class T>
using FileResult = std::expected<T, ErrorCode>;

// The code the interface gives for an errno. What it has no name for is `io`.
ErrorCode error_code_of(int error_number);

inline std::unexpected<ErrorCode> file_error(ErrorCode code) {
  return std::unexpected(code);
}
// From errno.
std::unexpected<ErrorCode> file_error();

}  // namespace weft::wasi
