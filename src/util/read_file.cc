#include "util/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "util/file_descriptor.h"

namespace weft {

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::unexpected(Error::from_errno("opening " + path.string(), errno));
  std::string text;
  std::size_t size = 0;
  while (true) {
    // One byte more than allowed shows that there is more.
    if (size == text.size()) text.resize(std::min(max_bytes + 1, std::max<std::size_t>(4096, 2 * size)));
    const ssize_t n = read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(Error::from_errno("reading " + path.string(), errno));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
    if (size > max_bytes) {
      return fail(Errc::limit, path.string() + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
  text.resize(size);
  return text;
}

}  // namespace weft
