// Where the time of a start goes: with WEFT_TRACE_START set, each mark is a line on standard error.
#pragma once

#include <string_view>

namespace weft {

// "start +3.214 ms  engine": what has just been done, and when, counted from the first mark. Costs nothing otherwise.
void trace_start(std::string_view what);

}  // namespace weft
