// Numbers that one thread counts and any thread reads.
//
// The writer's thread is the loop's that owns them. A reader sees each number as it was at some moment, and not all
// numbers as of the same one.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "util/pinned.h"

namespace weft::telemetry {

class Counter : Pinned {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.store(get() + n, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Gauge : Pinned {
 public:
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t n) noexcept { set(get() + n); }
  std::int64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

// Whole numbers by size. `Bounds` is a sorted array of the largest value of each bucket but the last, which takes the
// rest.
template <const auto& Bounds>
class Histogram : Pinned {
 public:
  static constexpr std::size_t buckets = Bounds.size() + 1;

  void observe(std::uint64_t value) noexcept {
    std::size_t i = 0;
    while (i < Bounds.size() && value > Bounds[i]) ++i;
    counts_[i].add();
    sum_.add(value);
  }
  std::uint64_t count(std::size_t bucket) const noexcept { return counts_[bucket].get(); }
  std::uint64_t sum() const noexcept { return sum_.get(); }

 private:
  std::array<Counter, buckets> counts_;
  Counter sum_;
};

}  // namespace weft::telemetry
