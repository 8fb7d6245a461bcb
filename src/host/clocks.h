// Time and randomness, injected: a run can be replayed with the same ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weft::host {

// Nanoseconds. Callable from any thread.
class Clocks {
 public:
  virtual ~Clocks() = default;
  virtual std::uint64_t monotonic_now() = 0;  // since an arbitrary point; never decreases
  virtual std::uint64_t wall_now() = 0;       // since 1970-01-01T00:00:00Z
};

// Callable from any thread.
class Randomness {
 public:
  virtual ~Randomness() = default;
  // Fills `out` with bytes fit for cryptography.
  virtual void fill(std::span<std::byte> out) = 0;
};

// Those of the system.
Clocks& system_clocks();
Randomness& system_randomness();

}  // namespace weft::host
