// record wasi:clocks/wall-clock.datetime
#pragma once

#include <cstdint>

#include "bind/shape.h"

namespace weft::wasi {

struct Datetime {
  std::uint64_t seconds;
  std::uint32_t nanoseconds;
  static constexpr auto labels = bind::labels("seconds", "nanoseconds");
};

}  // namespace weft::wasi
