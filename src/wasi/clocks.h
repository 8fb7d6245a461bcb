// Waiting for a time, as every version of wasi:clocks does it.
#pragma once

#include <cstdint>
#include <memory>

#include "bind/thunk.h"
#include "host/clocks.h"
#include "host/signal.h"
#include "util/async.h"

namespace weft::wasi::clocks {

// Ready from an instant of the monotonic clock on, in nanoseconds. A timer runs only while somebody waits.
std::shared_ptr<host::Pollable> at(Loop& loop, host::Clocks& clocks, std::uint64_t instant);
// The instant `duration` nanoseconds from now, or the last there is.
std::uint64_t after(host::Clocks& clocks, std::uint64_t duration);

std::uint64_t monotonic_now(bind::Host host);
std::uint64_t monotonic_resolution(bind::Host host);

}  // namespace weft::wasi::clocks
