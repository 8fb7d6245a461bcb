// wasi:io/streams as the host sees it: what every service that hands bytes to a guest implements.
//
// All of it belongs to one loop. None of these functions waits; the blocking ones of the interface are made of them
// and of the readiness pollables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "bind/handle.h"
#include "bind/shape.h"
#include "host/resource_table.h"
#include "host/signal.h"

namespace weft::wasi {

// What a guest may ask for in one read; larger requests are served in part.
inline constexpr std::uint64_t max_read_bytes = 64 << 10;
// What check-write permits at most.
inline constexpr std::uint64_t max_write_permit = 64 << 10;

// resource wasi:io/error.error
class IoError : public host::Resource {
 public:
  static constexpr const char* resource_name = "error";
  explicit IoError(std::string debug) : debug_(std::move(debug)) {}
  const std::string& debug_string() const { return debug_; }

 private:
  std::string debug_;
};

// variant stream-error { last-operation-failed(error), closed }
struct LastOperationFailed {
  bind::Own<IoError> value;
  static constexpr std::string_view label = "last-operation-failed";
};
struct Closed {
  static constexpr std::string_view label = "closed";
};
using StreamError = std::variant<LastOperationFailed, Closed>;

inline StreamError stream_failed(std::string debug) {
  return LastOperationFailed{std::make_unique<IoError>(std::move(debug))};
}

template <class T>
using StreamResult = std::expected<T, StreamError>;

// resource wasi:io/poll.pollable
class PollableResource : public host::Resource {
 public:
  static constexpr const char* resource_name = "pollable";
  explicit PollableResource(std::shared_ptr<host::Pollable> pollable) : pollable_(std::move(pollable)) {}
  host::Pollable& pollable() { return *pollable_; }

 private:
  std::shared_ptr<host::Pollable> pollable_;
};

// resource wasi:io/streams.input-stream
class InputStream : public host::Resource {
 public:
  static constexpr const char* resource_name = "input-stream";
  // At most `max` bytes (see max_read_bytes). Empty: nothing is there now. Closed at the end.
  virtual StreamResult<std::vector<std::byte>> read(std::uint64_t max) = 0;
  // Ready when read() would give bytes, the end or an error. May outlive the stream.
  virtual std::shared_ptr<host::Pollable> readiness() = 0;
};

// resource wasi:io/streams.output-stream
class OutputStream : public host::Resource {
 public:
  static constexpr const char* resource_name = "output-stream";
  // Bytes the next write() may have. 0: none until readiness().
  virtual StreamResult<std::uint64_t> check_write() = 0;
  // Takes all of `bytes`. REQUIRES: bytes.size() is within the last check_write().
  virtual StreamResult<void> write(std::span<const std::byte> bytes) = 0;
  // Asks that everything written so far goes out; check_write() answers 0 until it has.
  virtual StreamResult<void> flush() = 0;
  // Ready when check_write() would permit bytes or fail. May outlive the stream.
  virtual std::shared_ptr<host::Pollable> readiness() = 0;
};

// A pollable that is always ready, for what never blocks.
std::shared_ptr<host::Pollable> always_ready();

}  // namespace weft::wasi
