// What must hold for lifting, lowering and transfer of any type from any memory; used by a test with random input and
// by the fuzzer.
#pragma once

#include <cstdint>
#include <span>

namespace weft::abi::testing {

// What one input led to, so that a test can tell that its inputs are not all refused at once.
enum class Outcome { trapped, over_budget, passed };

// Derives a type, a memory, core values and the answers of a hostile realloc from `data`. Throws std::logic_error if a
// property does not hold:
// - a value that is lifted can be lowered elsewhere and lifted again, and is the same;
// - transfer traps exactly if lifting does, and its result lifts to the same value;
// - whatever realloc answers, nothing outside of the memory is touched (seen by AddressSanitizer).
Outcome check_lift_lower(std::span<const std::uint8_t> data);

}  // namespace weft::abi::testing
