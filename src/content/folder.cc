#include "content/folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace weft::content {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> cannot_open(const fs::path& at, int error) {
  const std::string path = at.string();
  switch (error) {
    case ENOENT:
      return fail(Errc::not_found, "there is no file " + path);
    case EACCES:
      return fail(Errc::denied, path + " cannot be read: permission denied; make it readable for this user");
    case EISDIR:
      return fail(Errc::invalid, path + " is a folder; name a file");
    case ENOTDIR:
      return fail(Errc::not_found, "there is no file " + path + ": a part of its path is not a folder");
    case ENXIO:
      return fail(Errc::invalid, path + " is not a regular file");
    default:
      return std::unexpected(Error::from_errno("opening " + path, error));
  }
}

}  // namespace

Result<std::unique_ptr<FolderStore>> FolderStore::create(const fs::path& root) {
  std::error_code failed;
  fs::path real = fs::canonical(root.empty() ? fs::path(".") : root, failed);
  if (failed) return fail(Errc::not_found, "the folder " + root.string() + ": " + failed.message());
  FileDescriptor folder(::open(real.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::unexpected(Error::from_errno("the folder " + real.string(), errno));
  return std::unique_ptr<FolderStore>(new FolderStore(std::move(real), std::move(folder)));
}

Result<Opened> FolderStore::open(const Ref& ref) const {
  // A named pipe must not be waited for, a terminal not become ours.
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  if (ref.path.empty() || ref.path.find('\0') != std::string::npos) {
    return fail(Errc::not_found, "a file in the folder " + root_.string() + " without a name");
  }
  Opened opened;
  if (ref.links == Links::refuse) {
    CHECK_OK(check_open_beneath());
    fs::path path = ref.path;
    if (path.is_absolute()) path = path.lexically_relative(root_);
    if (path.empty()) return fail(Errc::denied, ref.path + " is not in the folder " + root_.string());
    auto file = open_beneath(folder_.get(), path.c_str(), flags, 0, Links::refuse);
    if (!file && (file.error() == ELOOP || file.error() == EXDEV)) {
      return fail(Errc::denied, ref.path + " leads through a link, or out of the folder " + root_.string() +
                                    "; put the file itself there");
    }
    if (!file) return cannot_open(root_ / ref.path, file.error());
    opened.file = *std::move(file);
  } else {
    opened.file = FileDescriptor(openat(folder_.get(), ref.path.c_str(), flags));
    if (!opened.file) return cannot_open(root_ / ref.path, errno);
  }
  struct stat status;
  if (fstat(opened.file.get(), &status) != 0) return cannot_open(root_ / ref.path, errno);
  if (S_ISDIR(status.st_mode)) return cannot_open(root_ / ref.path, EISDIR);
  if (!S_ISREG(status.st_mode)) return cannot_open(root_ / ref.path, ENXIO);
  opened.size = static_cast<std::uint64_t>(status.st_size);
  opened.modified = status.st_mtim;
  return opened;
}

}  // namespace weft::content
