#include "http/output.h"

#include <algorithm>

namespace weft::http {
namespace {

// Memory that is kept: some pipelined responses of the usual size.
constexpr std::size_t kept_capacity = 4 << 10;

void shrink_string(std::string& text) {
  if (text.capacity() > kept_capacity) std::string().swap(text);
}

}  // namespace

std::array<std::string_view, 3> Output::parts() const {
  std::array<std::string_view, 3> parts{before_, piece_, after_};
  std::size_t gone = sent_;
  for (std::string_view& part : parts) {
    const std::size_t count = std::min(gone, part.size());
    part.remove_prefix(count);
    gone -= count;
  }
  return parts;
}

void Output::consume(std::size_t count) {
  sent_ += count;
  if (!empty()) return;
  before_.clear();
  piece_.clear();
  after_.clear();
  sent_ = 0;
}

void Output::shrink() {
  shrink_string(before_);
  shrink_string(piece_);
  shrink_string(after_);
}

}  // namespace weft::http
