// Takes rights away from this process, for good.
#pragma once

#include "util/error.h"

namespace weft::runtime {

// From now on, in every thread made later: no file can be opened, no socket made, no program run, no other process seen
// or touched. What is open stays usable. Errc::unavailable where the kernel has no system call filters.
Result<void> confine_to_open_files();

}  // namespace weft::runtime
