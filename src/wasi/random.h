// Random bytes, as every version of wasi:random gives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "bind/thunk.h"

namespace weft::wasi::random {

// Bytes of one call: the guest chooses the length, the host allocates.
inline constexpr std::uint64_t max_bytes = 64 << 20;

// REQUIRES: at most max_bytes.
std::vector<std::byte> get_bytes(bind::Host host, std::uint64_t len);
std::uint64_t get_u64(bind::Host host);
// Of one instance always the same.
std::tuple<std::uint64_t, std::uint64_t> seed(bind::Host host);

}  // namespace weft::wasi::random
