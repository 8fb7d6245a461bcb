// One core WebAssembly value as the engine passes it: 16 bytes, little-endian, the type known from elsewhere.
//
// Has the layout of the C API's wasmtime_val_raw_t, so that the engine's own arrays are read and written in place.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace weft::abi {

struct alignas(8) CoreValue {
  std::uint8_t bytes[16];

  std::uint32_t i32() const { return get<std::uint32_t>(); }
  std::uint64_t i64() const { return get<std::uint64_t>(); }
  float f32() const { return std::bit_cast<float>(i32()); }
  double f64() const { return std::bit_cast<double>(i64()); }

  // The whole value is written: no stale host byte reaches a guest.
  void set_i32(std::uint32_t value) { set<std::uint64_t>(value); }
  void set_i64(std::uint64_t value) { set(value); }
  void set_f32(float value) { set_i32(std::bit_cast<std::uint32_t>(value)); }
  void set_f64(double value) { set_i64(std::bit_cast<std::uint64_t>(value)); }

 private:
  template <class T>
  T get() const {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }
  template <class T>
  void set(T value) {
    std::memcpy(bytes, &value, sizeof value);
    std::memset(bytes + sizeof value, 0, sizeof bytes - sizeof value);
  }
};
static_assert(sizeof(CoreValue) == 16);

}  // namespace weft::abi
