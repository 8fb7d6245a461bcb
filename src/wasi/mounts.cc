#include "wasi/mounts.h"

#include <fcntl.h>

#include <cerrno>

#include "util/open_beneath.h"

namespace weft::wasi {

Result<void> Mounts::add(const std::filesystem::path& directory, std::string place, bool writable) {
  CHECK_OK(check_open_beneath());
  for (const Mount& mount : list_) {
    if (mount.place == place) {
      return fail(Errc::invalid,
                  "two directories are to be at " + place + " in the guest; give one another destination");
    }
  }
  auto folder = OpenFile::reserve(nullptr);
  folder->descriptor = FileDescriptor(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder->descriptor) return std::unexpected(Error::from_errno("the directory " + directory.string(), errno));
  list_.push_back({std::move(place), std::move(folder), writable});
  return {};
}

}  // namespace weft::wasi
