#include "http/body.h"

#include <utility>

namespace weft::http {
namespace {

// Memory that a pipe keeps for the next message: enough for small bodies, little enough for many connections.
constexpr std::size_t kept_capacity = 4 << 10;

void tell(const std::function<void()>& callback) {
  if (callback) callback();
}

}  // namespace

void BodyPipe::write(std::string_view bytes) {
  if (bytes.empty() || cancelled_ || ended()) return;
  if (read_at_ == buffer_.size()) {
    buffer_.clear();
    read_at_ = 0;
  } else if (read_at_ > capacity_) {
    buffer_.erase(0, read_at_);
    read_at_ = 0;
  }
  buffer_.append(bytes);
  tell(on_readable);
}

void BodyPipe::fill(std::string bytes) {
  buffer_ = std::move(bytes);
  read_at_ = 0;
  finish();
}

void BodyPipe::finish(std::optional<Fields> trailers) {
  if (ended()) return;
  finished_ = true;
  trailers_ = std::move(trailers);
  tell(on_readable);
}

void BodyPipe::abort(std::string_view reason, BodyFault fault) {
  if (ended()) return;
  aborted_ = true;
  fault_ = fault;
  abort_reason_ = reason;
  tell(on_readable);
}

void BodyPipe::consume(std::size_t bytes) {
  read_at_ += bytes;
  tell(on_writable);
}

std::string BodyPipe::take_all() {
  std::string all;
  take_all(all);
  return all;
}

void BodyPipe::take_all(std::string& into) {
  into.clear();
  buffer_.swap(into);
  if (read_at_ > 0) into.erase(0, std::exchange(read_at_, 0));
  tell(on_writable);
}

void BodyPipe::reset() {
  on_readable = nullptr;
  on_writable = nullptr;
  if (buffer_.capacity() > kept_capacity) std::string().swap(buffer_);
  buffer_.clear();
  read_at_ = 0;
  finished_ = aborted_ = cancelled_ = false;
  fault_ = BodyFault::cut_short;
  abort_reason_.clear();
  trailers_.reset();
}

void BodyPipe::cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  tell(on_writable);
}

}  // namespace weft::http
