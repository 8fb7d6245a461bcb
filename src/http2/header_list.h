// The fields of heads and trailers that we send, as nghttp2 takes them.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "http/fields.h"

namespace weft::http2 {

// nghttp2 copies names, in lower case, and values when the list is submitted; until then they are the caller's. Memory
// is used again from list to list.
class HeaderList {
 public:
  void clear() { list_.clear(); }
  void add(std::string_view name, std::string_view value);
  // A number up to 20 digits; up to two in a list.
  void add(std::string_view name, std::uint64_t number);
  // Those that may stand in trailers; nothing of others.
  void add_trailers(const http::Fields& trailers);

  const nghttp2_nv* data() const { return list_.data(); }
  std::size_t size() const { return list_.size(); }

 private:
  std::vector<nghttp2_nv> list_;
  char digits_[2][20];
  std::size_t numbers_ = 0;
};

}  // namespace weft::http2
