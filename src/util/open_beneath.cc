#include "util/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>

namespace weft {

std::expected<FileDescriptor, int> open_beneath(int directory, const char* path, int flags, mode_t mode, Links links,
                                                Lookup lookup) {
  // The kernel gives up when a rename happens while it goes through `..`; whoever renames for ever must not keep us.
  constexpr int max_attempts = 32;
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  // The kernel refuses a mode without O_CREAT.
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (links == Links::refuse) how.resolve |= RESOLVE_NO_SYMLINKS;
  if (lookup == Lookup::cached) how.resolve |= RESOLVE_CACHED;
  for (int attempt = 1;; ++attempt) {
    const long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (fd >= 0) return FileDescriptor(static_cast<int>(fd));
    // An older kernel does not know the flag.
    if (lookup == Lookup::cached && (errno == EAGAIN || errno == EINVAL)) return std::unexpected(EAGAIN);
    if (errno == EINTR || (errno == EAGAIN && attempt < max_attempts)) continue;
    return std::unexpected(errno);
  }
}

Result<void> check_open_beneath() {
  auto opened = open_beneath(AT_FDCWD, ".", O_PATH | O_DIRECTORY);
  if (opened || (opened.error() != ENOSYS && opened.error() != EPERM)) return {};
  return fail(Errc::unavailable,
              "files for components need the system call openat2, which this kernel (Linux 5.6 or later has it) or the "
              "container's filter of system calls refuses");
}

}  // namespace weft
