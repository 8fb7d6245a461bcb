#include "http/body.h"

#include <utility>

namespace weft::http {
namespace {

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

void BodyPipe::abort(std::string reason, BodyFault fault) {
  if (ended()) return;
  aborted_ = true;
  fault_ = fault;
  abort_reason_ = std::move(reason);
  tell(on_readable);
}

void BodyPipe::consume(std::size_t bytes) {
  read_at_ += bytes;
  tell(on_writable);
}

std::string BodyPipe::take_all() {
  std::string all;
  if (read_at_ == 0) {
    all = std::exchange(buffer_, {});
  } else {
    all = buffer_.substr(read_at_);
    buffer_.clear();
    read_at_ = 0;
  }
  tell(on_writable);
  return all;
}

void BodyPipe::cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  tell(on_writable);
}

}  // namespace weft::http
