// The other side of compile_child.h: what `weft compile-worker` does.
#pragma once

namespace weft::runtime {

// Reads the job from descriptor 0, compiles, reports; returns the exit code. Never to be called in a process that does
// anything else: it takes away the process's rights.
int compile_worker();

}  // namespace weft::runtime
