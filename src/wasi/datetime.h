// Moments, in each version of wasi:clocks.
#pragma once

#include <cstdint>

#include "bind/shape.h"

namespace weft::wasi {

// record wasi:clocks/wall-clock.datetime
struct Datetime {
  std::uint64_t seconds;
  std::uint32_t nanoseconds;
  static constexpr auto labels = bind::labels("seconds", "nanoseconds");
};

// Of nanoseconds since 1970.
inline Datetime datetime_of(std::uint64_t nanoseconds) {
  constexpr std::uint64_t second = 1'000'000'000;
  return {nanoseconds / second, static_cast<std::uint32_t>(nanoseconds % second)};
}

// record wasi:clocks/system-clock.instant, of 0.3
namespace p3 {
struct Instant {
  std::int64_t seconds;
  std::uint32_t nanoseconds;
  static constexpr auto labels = bind::labels("seconds", "nanoseconds");
};

inline Instant instant_of(const Datetime& time) {
  return {static_cast<std::int64_t>(time.seconds), time.nanoseconds};
}
}  // namespace p3

}  // namespace weft::wasi
