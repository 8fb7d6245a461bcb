// Reading and writing core binary syntax, as far as taking modules apart needs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weft::wasm {

// Reads core binary syntax; becomes !ok at the first thing it cannot read.
class CoreReader {
 public:
  explicit CoreReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == bytes_.size(); }
  std::size_t position() const { return at_; }

  std::uint8_t byte() {
    if (at_ >= bytes_.size()) return static_cast<std::uint8_t>(stop());
    return static_cast<std::uint8_t>(bytes_[at_++]);
  }
  std::uint64_t leb(int bits = 32) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < bits; shift += 7) {
      const std::uint8_t b = byte();
      value |= static_cast<std::uint64_t>(b & 0x7f) << shift;
      if ((b & 0x80) == 0) return value;
    }
    return stop();
  }
  std::int64_t signed_leb() {
    std::int64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      value |= static_cast<std::int64_t>(static_cast<std::uint64_t>(b & 0x7f) << shift);
      if ((b & 0x80) == 0) {
        if (shift + 7 < 64 && (b & 0x40) != 0) value |= -(std::int64_t{1} << (shift + 7));
        return value;
      }
    }
    return static_cast<std::int64_t>(stop());
  }
  std::span<const std::byte> bytes(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      stop();
      return {};
    }
    auto out = bytes_.subspan(at_, count);
    at_ += count;
    return out;
  }
  std::uint64_t stop() {
    ok_ = false;
    at_ = bytes_.size();
    return 0;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

struct Limits {
  std::uint64_t minimum = 0;
  std::uint8_t flags = 0;
  std::uint64_t page = 65536;
};

inline Limits read_limits(CoreReader& reader) {
  Limits limits;
  limits.flags = reader.byte();
  if (limits.flags > 0x0f) reader.stop();
  limits.minimum = reader.leb(64);
  if ((limits.flags & 1) != 0) reader.leb(64);
  if ((limits.flags & 8) != 0) {
    const std::uint64_t exponent = reader.leb();
    if (exponent > 16) reader.stop();
    limits.page = 1ull << (exponent & 31);
  }
  return limits;
}

inline void skip_value_type(CoreReader& reader) {
  const std::uint8_t b = reader.byte();
  if (b == 0x63 || b == 0x64) reader.signed_leb();
}

inline void put_leb(std::vector<std::byte>& out, std::uint64_t value) {
  do {
    const auto low = static_cast<std::uint8_t>(value & 0x7f);
    value >>= 7;
    out.push_back(std::byte{static_cast<std::uint8_t>(low | (value != 0 ? 0x80 : 0))});
  } while (value != 0);
}

inline void put(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace weft::wasm
