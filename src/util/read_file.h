// Reading a small file whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "util/error.h"

namespace weft {

// Errc::not_found: there is no such file; Errc::limit: it is larger than `max_bytes`; Errc::denied, Errc::io. Errors
// name the file. What is no regular file is read to its end, too.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace weft
