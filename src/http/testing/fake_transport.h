// A transport without a socket: a test plays the client and the kernel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "http/transport.h"

namespace weft::http::testing {

// How the kernel behaves.
struct Kernel {
  std::size_t piece = SIZE_MAX;   // bytes a read gives at most
  std::size_t window = SIZE_MAX;  // bytes it still takes
  std::size_t fail_at = 0;        // the operation that fails, counted from 1; 0: none
};

class FakeTransport final : public Transport, public Kernel {
 public:
  // ---- what the test sets, besides the kernel ----
  std::string incoming;            // sent by the client, not read by the server
  bool incoming_ended = false;     // after `incoming`
  std::size_t unacknowledged = 0;  // what unsent() tells
  // ---- what the test sees ----
  std::string sent;
  bool closed = false;
  bool abruptly = false;
  bool half_closed = false;
  std::size_t operations = 0;
  std::size_t reads = 0;
  std::size_t writes = 0;  // system calls that sent something
  bool is_reading() const { return reader_ != nullptr; }
  bool is_writing() const { return writer_ != nullptr; }

  // Ends what can end. False: nothing could.
  bool deliver() {
    if (reader_ != nullptr && (closed || read_fails_ || !incoming.empty() || incoming_ended)) {
      const std::size_t count = closed || read_fails_ ? 0 : std::min({into_.size(), incoming.size(), piece});
      std::copy_n(incoming.begin(), count, into_.begin());
      incoming.erase(0, count);
      read_fails_ = false;
      std::exchange(reader_, nullptr)->on_read(count);
      return true;
    }
    if (writer_ != nullptr && (closed || write_fails_ || window > 0)) {
      const std::size_t count = closed || write_fails_ ? 0 : take(parts_);
      std::exchange(writer_, nullptr)->on_written(count);
      return true;
    }
    return false;
  }

  std::string_view scheme() const override { return "http"; }
  bool handshake(User) override { return false; }
  void read(std::span<char> into, User user) override {
    ++reads;
    into_ = into;
    read_fails_ = fails();
    reader_ = std::move(user);
  }
  std::optional<std::size_t> write_now(const Parts& parts) override {
    if (fails()) return std::nullopt;
    return take(parts);
  }
  void write(const Parts& parts, User user) override {
    parts_ = parts;
    write_fails_ = fails();
    writer_ = std::move(user);
  }
  void half_close() override { half_closed = true; }
  bool end(User) override { return false; }
  void cancel_read() override { read_fails_ = true; }
  void close() override { closed = true; }
  void close_abruptly() override { closed = abruptly = true; }
  bool has_input() override { return !incoming.empty() || incoming_ended; }
  std::size_t unsent() override { return unacknowledged; }

 private:
  bool fails() { return ++operations == fail_at; }
  std::size_t take(const Parts& parts) {
    std::size_t count = 0;
    for (std::string_view part : parts) {
      part = part.substr(0, window);
      sent += part;
      window -= window == SIZE_MAX ? 0 : part.size();
      count += part.size();
    }
    if (count > 0) ++writes;
    return count;
  }

  User reader_;
  User writer_;
  std::span<char> into_;
  Parts parts_;
  bool read_fails_ = false;
  bool write_fails_ = false;
};

}  // namespace weft::http::testing
