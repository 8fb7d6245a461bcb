// How often something may happen: so often at once, and so often each second in the long run.
#pragma once

#include <algorithm>
#include <chrono>

namespace weft::http2 {

class Meter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Meter(double at_once, double per_second) : at_once_(at_once), per_second_(per_second), left_(at_once) {}

  // Once more. False: too often.
  [[nodiscard]] bool take(TimePoint now) {
    if (left_ < 1 && now > refilled_) {
      const std::chrono::duration<double> passed = now - refilled_;
      left_ = std::min(at_once_, left_ + passed.count() * per_second_);
      refilled_ = now;
    }
    if (left_ < 1) return false;
    // What was saved up counts from the first use.
    if (left_ == at_once_) refilled_ = now;
    left_ -= 1;
    return true;
  }
  // As if nothing had happened yet.
  void refill() { left_ = at_once_; }

 private:
  double at_once_;
  double per_second_;
  double left_;
  TimePoint refilled_{};
};

}  // namespace weft::http2
