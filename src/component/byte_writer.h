// Writes the productions that all WebAssembly binaries are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::component {

class ByteWriter {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(std::byte{value}); }
  void raw(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  // LEB128
  void u64(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value) | 0x80);
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }
  void u32(std::uint32_t value) { u64(value); }
  // An index as s33: the bit that would be the sign is 0.
  void s33(std::uint32_t index) {
    while (index >= 0x40) {
      byte(static_cast<std::uint8_t>(index) | 0x80);
      index >>= 7;
    }
    byte(static_cast<std::uint8_t>(index));
  }

  void name(std::string_view text) {
    u64(text.size());
    raw(std::as_bytes(std::span(text)));
  }
  // vec(byte)
  void sized(std::span<const std::byte> bytes) {
    u64(bytes.size());
    raw(bytes);
  }
  // vec(B): `write_one` writes each element.
  template <class Items, class F>
  void vec(const Items& items, F write_one) {
    u64(items.size());
    for (const auto& item : items) write_one(item);
  }

  std::span<const std::byte> bytes() const { return bytes_; }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace weft::component
