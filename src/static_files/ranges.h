// Which bytes a Range field asks for (RFC 9110, 14).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/fields.h"

namespace weft::static_files {

// Ranges of one request. Who asks for more gets everything, once: many small ranges are dearer to serve than to ask for
// (RFC 9110, 17.15).
inline constexpr std::size_t max_ranges = 16;
// Ranges with at most this gap are sent as one: a part's own head is longer.
inline constexpr std::uint64_t joined_gap = 80;

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
  std::uint64_t size() const { return last - first + 1; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// What is to be sent for it.
class Ranges {
 public:
  enum class Kind : std::uint8_t {
    all,            // no Range, or one that is to be ignored: malformed, of another unit, too many
    some,           // ranges(), none of which overlap
    unsatisfiable,  // 416
  };
  Kind kind() const { return kind_; }
  // In the order asked for; what overlaps another one is sent with the first of the two.
  std::span<const ByteRange> ranges() const { return std::span(ranges_).first(count_); }

 private:
  friend Ranges parse_ranges(const http::Fields& request, std::uint64_t length);
  void add(ByteRange range);

  Kind kind_ = Kind::all;
  std::array<ByteRange, max_ranges> ranges_{};
  std::size_t count_ = 0;
};

// Of a representation with `length` bytes. Whether the method and If-Range let ranges apply is the caller's to judge.
Ranges parse_ranges(const http::Fields& request, std::uint64_t length);

}  // namespace weft::static_files
