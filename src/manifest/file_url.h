// file: URLs of absolute paths (RFC 8089).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace weft::manifest {

// What is not a letter, a digit or one of "-._~/" is percent-encoded.
std::string file_url(const std::filesystem::path& absolute);

// The path of "file:///..." or "file://localhost/..."; none: another URL, a host, a NUL or a bad encoding.
std::optional<std::filesystem::path> path_of_file_url(std::string_view url);

}  // namespace weft::manifest
