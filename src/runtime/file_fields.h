// What the formats of the cache's files have in common.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "util/error.h"
#include "util/sha256.h"

namespace weft::runtime {

// Integers are little-endian.
inline void put_number(std::byte* to, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = static_cast<std::byte>(value >> (8 * i));
}
inline std::uint64_t get_number(const std::byte* from, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(from[i]) << (8 * i);
  return value;
}

inline void put_hash(std::byte* to, const Sha256& hash) {
  std::copy(hash.begin(), hash.end(), to);
}
inline Sha256 get_hash(const std::byte* from) {
  Sha256 hash;
  std::copy_n(from, hash.size(), hash.begin());
  return hash;
}

// Bytes of an open file that this user alone may use. Errc::invalid: it is something else.
inline Result<std::uint64_t> size_of_own_file(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) return std::unexpected(Error::from_errno("looking at it", errno));
  if (!S_ISREG(status.st_mode)) return fail(Errc::invalid, "it is not a regular file");
  if (status.st_uid != geteuid() || (status.st_mode & 077) != 0)
    return fail(Errc::invalid, "others own it or may use it");
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace weft::runtime
