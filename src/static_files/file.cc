#include "static_files/file.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <span>
#include <vector>

#include "util/sha256.h"

namespace weft::static_files {
namespace {

// Of a digest, as much as makes two contents with one tag unthinkable.
constexpr std::size_t tag_bytes = 16;
// What is read at once where waiting is allowed.
constexpr std::size_t large_read = 256 << 10;

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * Version::second_ns + time.tv_nsec;
}

std::string tag_of(const Sha256& digest) {
  return '"' + hex(std::span(digest).first(tag_bytes)) + '"';
}

}  // namespace

Version version_of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified_ns = nanoseconds(status.st_mtim),
          .changed_ns = nanoseconds(status.st_ctim)};
}

std::expected<Version, int> version_of(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) return std::unexpected(errno);
  return version_of(status);
}

std::int64_t file_clock_now() {
  timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return nanoseconds(now);
}

std::expected<std::size_t, int> read_at(int file, char* into, std::size_t size, std::uint64_t offset, Wait wait) {
  std::size_t done = 0;
  while (done < size) {
    const iovec part{.iov_base = into + done, .iov_len = size - done};
    const ssize_t count = preadv2(file, &part, 1, static_cast<off_t>(offset + done), wait == Wait::no ? RWF_NOWAIT : 0);
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (count == 0) {
      break;
    } else if (errno != EINTR) {
      if (done > 0) break;
      // A file system that cannot say what is in memory may wait: that is for the others.
      return std::unexpected(errno == EOPNOTSUPP && wait == Wait::no ? EAGAIN : errno);
    }
  }
  return done;
}

std::string tag_of_bytes(std::string_view bytes) {
  return tag_of(sha256(std::as_bytes(std::span(bytes))));
}

std::string tag_of_version(const Version& version) {
  const std::array<std::uint64_t, 5> parts = {version.device, version.inode, version.size,
                                              static_cast<std::uint64_t>(version.modified_ns),
                                              static_cast<std::uint64_t>(version.changed_ns)};
  return tag_of(sha256(std::as_bytes(std::span(parts))));
}

std::expected<std::string, int> tag_of_file(const File& file) {
  std::vector<char> buffer(large_read);
  Sha256Stream digest;
  std::uint64_t offset = 0;
  while (offset < file.version.size) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), file.version.size - offset));
    const auto count = read_at(file.descriptor.get(), buffer.data(), size, offset, Wait::yes);
    if (!count) return std::unexpected(count.error());
    if (*count != size) return std::unexpected(ESTALE);
    digest.add(std::as_bytes(std::span(buffer).first(size)));
    offset += size;
  }
  const auto after = version_of(file.descriptor.get());
  if (!after) return std::unexpected(after.error());
  if (!after->has_bytes_of(file.version)) return std::unexpected(ESTALE);
  return tag_of(digest.finish());
}

std::expected<std::string, int> read_whole(const File& file, Wait wait) {
  std::string bytes(static_cast<std::size_t>(file.version.size), '\0');
  const auto count = read_at(file.descriptor.get(), bytes.data(), bytes.size(), 0, wait);
  if (!count) return std::unexpected(count.error());
  const auto after = version_of(file.descriptor.get());
  if (!after) return std::unexpected(after.error());
  if (!after->has_bytes_of(file.version)) return std::unexpected(ESTALE);
  if (*count != bytes.size()) return std::unexpected(wait == Wait::no ? EAGAIN : ESTALE);
  return bytes;
}

}  // namespace weft::static_files
