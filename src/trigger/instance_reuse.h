// How far an instance serves more than one request.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

namespace weft::trigger {

// A value, or what one is drawn from for each instance anew: `from` and more, less than `below`.
template <class T>
struct Drawn {
  T from{};
  T below{};

  static constexpr Drawn always(T value) { return {.from = value, .below = value}; }
  template <class Random>
  T draw(Random& random) const {
    if (from >= below) return from;
    return std::uniform_int_distribution<T>(from, below - 1)(random);
  }
  // The largest that is drawn.
  constexpr T most() const { return from >= below ? from : below - 1; }
};

// An instance serves further requests only if its component exports wasi:http/handler in a final version of WASI 0.3;
// others have a new one for each request. The time limit is for all of them.
struct InstanceReuse {
  using Nanoseconds = std::chrono::nanoseconds::rep;

  // Requests of one instance in all; 0 means 1.
  Drawn<std::uint32_t> count = Drawn<std::uint32_t>::always(128);
  // Those whose work goes on at the same time; the same.
  Drawn<std::uint32_t> concurrent = Drawn<std::uint32_t>::always(16);
  // From a request's begin to its response, and from there to the end of its work. Absent: RunLimits::wall alone.
  std::optional<Drawn<Nanoseconds>> request_timeout;
  // How long an instance is kept that has nothing to do.
  Drawn<Nanoseconds> idle_timeout = Drawn<Nanoseconds>::always(1'000'000'000);

  bool any() const { return count.most() > 1; }
};

// More at the same time than this no instance is given, whatever is drawn: each is a task, of which there may be
// component::max_tasks, and a request may make more.
inline constexpr std::uint32_t max_concurrent_requests = 500;

}  // namespace weft::trigger
