// Content codings made here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "static_files/coding.h"

namespace weft::static_files {

// Files that are worth it: below, a head and a packet cost more than is saved; above, making them costs too much time
// and memory for one request (larger files come compressed from the application's build, see `precompressed`).
inline constexpr std::size_t min_compressed_file = 1 << 10;
inline constexpr std::size_t max_compressed_file = 8 << 20;

// `bytes` in that coding; none when the library has no memory for it. Takes up to some tenths of a second for the
// largest: not for a loop. Thread-safe. REQUIRES: coding is not identity.
std::optional<std::string> compress(std::string_view bytes, Coding coding);

}  // namespace weft::static_files
