#include "util/start_trace.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace weft {

void trace_start(std::string_view what) {
  static const bool wanted = std::getenv("WEFT_TRACE_START") != nullptr;
  if (!wanted) return;
  using Clock = std::chrono::steady_clock;
  static const Clock::time_point first = Clock::now();
  const std::chrono::duration<double, std::milli> since = Clock::now() - first;
  std::fprintf(stderr, "start +%.3f ms  %.*s\n", since.count(), static_cast<int>(what.size()), what.data());
}

}  // namespace weft
