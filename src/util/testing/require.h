// What fuzzers demand: the run ends where it does not hold, and libFuzzer keeps the input.
#pragma once

#include <cstdlib>

namespace weft::testing {

inline void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace weft::testing
