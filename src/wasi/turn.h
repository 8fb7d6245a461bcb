// For host functions that work for long: the loop serves others in between.
#pragma once

#include "bind/thunk.h"

namespace weft::wasi {

// Returns once everything that was ready in the loop has had its turn. Nothing borrowed from guest memory is valid
// afterwards; resources are.
void let_others_run(bind::Host host);

}  // namespace weft::wasi
