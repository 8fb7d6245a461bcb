// Writing to a file or pipe until all is written.
#pragma once

#include <cstddef>
#include <span>

namespace weft {

// False, with errno, when something cannot be written.
[[nodiscard]] bool write_all(int file, std::span<const std::byte> bytes);

}  // namespace weft
