// From the path of a request to the path of a file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::static_files {

// Files and folders whose name begins with a dot.
enum class DotFiles : bool { hidden, served };

// Writes what `path` names, beneath the root, to `to`: "a/b" of "/a/b" and of "/a/b/"; empty: the root. Each segment is
// decoded by itself and once. False: nothing can have that name: malformed percent-encoding, an empty segment, `.`,
// `..`, an encoded `/` or NUL, or a hidden name (".well-known" of the root is not: RFC 8615 makes it public). What is
// accepted has no segment that means anything but a name; that links do not lead out is for the kernel to see.
[[nodiscard]] bool file_path(std::string_view path, DotFiles dot_files, std::string& to);

}  // namespace weft::static_files
