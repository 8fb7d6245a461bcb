// Opens files below a directory and nowhere else: the kernel resolves the path (openat2, Linux 5.6), so that neither
// `..` nor links nor directories that are moved meanwhile lead out of it.
#pragma once

#include <sys/types.h>

#include <expected>

#include "util/error.h"
#include "util/file_descriptor.h"

namespace weft {

// Symbolic links on the way and at the end (unless `flags` has O_NOFOLLOW): followed as long as they stay beneath the
// directory, or all refused with ELOOP.
enum class Links { follow, refuse };

// cached: only what the kernel has in memory (Linux 5.12), never waiting for a disk.
enum class Lookup { any, cached };

// As openat(2), with O_CLOEXEC; the error is errno. EXDEV: the path leaves the directory (by `..`, as an absolute path,
// through a link). ELOOP: too many links, or one of /proc's links, which lead anywhere. EAGAIN: directories above were
// renamed again and again while the path was resolved; with Lookup::cached: ask again with Lookup::any. `path` ends
// with NUL.
std::expected<FileDescriptor, int> open_beneath(int directory, const char* path, int flags, mode_t mode = 0,
                                                Links links = Links::follow, Lookup lookup = Lookup::any);

// Fails with Errc::unavailable where the kernel, or a filter of system calls, has no openat2: there is no other safe
// way.
Result<void> check_open_beneath();

}  // namespace weft
