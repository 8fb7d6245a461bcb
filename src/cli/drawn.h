// Values that are drawn from a range for each instance anew, as command lines give them.
#pragma once

#include <string>

#include "trigger/instance_reuse.h"
#include "util/error.h"

namespace weft::cli {

// "5", or "1..8": 1 to 7.
Result<trigger::Drawn<std::uint32_t>> read_drawn_count(const std::string& text);
// "2", "2s", "20ms", "20us", "20μs", "20ns", or two of these: "100ms..2s". In nanoseconds.
Result<trigger::Drawn<std::chrono::nanoseconds::rep>> read_drawn_time(const std::string& text);

}  // namespace weft::cli
