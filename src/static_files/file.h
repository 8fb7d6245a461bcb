// An open file, and which version of it that is.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "util/file_descriptor.h"

namespace weft::static_files {

// Files up to this size are told apart by their bytes; larger ones by what the file system says of them, as reading
// them whole before the first byte is sent would take too long.
inline constexpr std::uint64_t max_hashed_file = 64 << 20;

// Equal for a file that has not changed: the kernel moves `changed` with every change, and no program sets it.
struct Version {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  // since 1970
  std::int64_t changed_ns = 0;
  friend bool operator==(const Version&, const Version&) = default;

  // Of the same file: no byte was written in between. `changed` moves also when the file is given another name, or
  // loses its own to a new one; what is being sent then goes on.
  bool has_bytes_of(const Version& other) const { return size == other.size && modified_ns == other.modified_ns; }
  // Whether a later change will show. Not for a file that changed within this second: the kernel's clock for files
  // moves in ticks, and dates in HTTP have no fractions. `now_ns` is since 1970.
  bool is_settled(std::int64_t now_ns) const { return changed_ns / second_ns < now_ns / second_ns; }
  std::int64_t modified_seconds() const { return modified_ns / second_ns; }

  static constexpr std::int64_t second_ns = 1'000'000'000;
};
Version version_of(const struct stat& status);
// The file as it is now; errno when that cannot be told.
std::expected<Version, int> version_of(int file);
// The clock that the kernel stamps files with, in nanoseconds since 1970.
std::int64_t file_clock_now();

struct File {
  FileDescriptor descriptor;
  Version version;
};

// Whether the caller may wait for a disk.
enum class Wait : bool { no, yes };

// Reads up to `size` bytes at `offset`, as pread(2): fewer than asked for only at the end of the file, or, with
// Wait::no, where the rest is not in memory. Error: errno; EAGAIN: nothing is in memory (or nobody can tell), ask again
// where waiting is allowed.
std::expected<std::size_t, int> read_at(int file, char* into, std::size_t size, std::uint64_t offset, Wait wait);

// Strong entity tags, with their quotes: of bytes, and of a version that is_settled().
std::string tag_of_bytes(std::string_view bytes);
std::string tag_of_version(const Version& version);
// Of the bytes of a file of that version, read to its end. Errno; ESTALE: it changed meanwhile. May take long.
std::expected<std::string, int> tag_of_file(const File& file);
// The whole file, and errors as above. REQUIRES: its size is one that memory is to hold.
std::expected<std::string, int> read_whole(const File& file, Wait wait);

}  // namespace weft::static_files
