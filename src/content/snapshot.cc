#include "content/snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace weft::content {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view name_prefix = "files-";

std::unexpected<Error> os_error(std::string_view doing, const fs::path& path) {
  return std::unexpected(Error::from_errno(std::string(doing) + " " + path.string(), errno));
}

// The folder, made if it is missing. Files put there are this user's and nobody else's.
Result<FileDescriptor> open_base(const fs::path& base) {
  std::error_code failed;
  fs::create_directories(base.parent_path(), failed);
  if (mkdir(base.c_str(), 0700) != 0 && errno != EEXIST) return os_error("making the folder", base);
  FileDescriptor folder(open(base.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return os_error("opening the folder", base);
  struct stat status;
  if (fstat(folder.get(), &status) != 0) return os_error("opening the folder", base);
  if (status.st_uid != geteuid()) return fail(Errc::denied, "the folder " + base.string() + " belongs to another user");
  if ((status.st_mode & 0077) != 0 && fchmod(folder.get(), 0700) != 0)
    return os_error("closing to others the folder", base);
  return folder;
}

bool lock(const FileDescriptor& folder) {
  return flock(folder.get(), LOCK_EX | LOCK_NB) == 0;
}

FileDescriptor open_folder(int base, const char* name) {
  return FileDescriptor(openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Removes the folders that no living process has locked.
void remove_stale(const fs::path& base, int base_folder) {
  std::error_code failed;
  for (fs::directory_iterator entry(base, failed), end; !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(name_prefix)) continue;
    const FileDescriptor folder = open_folder(base_folder, name.c_str());
    std::error_code ignored;
    if (folder && lock(folder)) fs::remove_all(entry->path(), ignored);
  }
}

std::string random_name() {
  std::uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) std::abort();
  return std::string(name_prefix) + hex(std::as_bytes(std::span(&number, 1)));
}

bool same_file(int file, int base, const char* name) {
  struct stat a, b;
  return fstat(file, &a) == 0 && fstatat(base, name, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

// Makes `place` in `folder` as an empty file, with the folders on its way.
Result<FileDescriptor> make_file(int folder, std::string_view place) {
  auto fault = [&](const std::string& why) {
    return fail(Errc::invalid, "a file cannot be placed at " + std::string(place) + ": " + why);
  };
  FileDescriptor parent;
  int at = folder;
  for (std::string_view rest = place;;) {
    const std::size_t slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    const bool last = slash == std::string_view::npos;
    if (name == "." || name == ".." || name.find('\0') != std::string::npos || (name.empty() && last)) {
      return fault("the path is not a plain one");
    }
    if (last) {
      FileDescriptor file(openat(at, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
      if (!file && (errno == EEXIST || errno == EISDIR)) return fault("there is already a file or a folder");
      if (!file) return fault(std::strerror(errno));
      return file;
    }
    rest.remove_prefix(slash + 1);
    if (name.empty()) continue;
    if (mkdirat(at, name.c_str(), 0700) != 0 && errno != EEXIST) return fault(std::strerror(errno));
    FileDescriptor next = open_folder(at, name.c_str());
    if (!next && errno == ENOTDIR) return fault("`" + name + "` is a file and a folder at once");
    if (!next) return fault(std::strerror(errno));
    parent = std::move(next);
    at = parent.get();
  }
}

}  // namespace

fs::path default_snapshot_base() {
  for (const auto& [variable, below] :
       {std::pair("XDG_CACHE_HOME", "weft/files"), std::pair("HOME", ".cache/weft/files")}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && value[0] == '/' && access(value, W_OK) == 0) return fs::path(value) / below;
  }
  std::error_code failed;
  fs::path temporary = fs::temp_directory_path(failed);
  return (failed ? fs::path("/tmp") : temporary) / ("weft-files-" + std::to_string(geteuid()));
}

Result<std::unique_ptr<Snapshot>> Snapshot::create(const fs::path& base, const Store& store,
                                                   std::span<const SnapshotFile> files, std::uint64_t max_bytes) {
  TRY(const FileDescriptor base_folder, open_base(base));
  remove_stale(base, base_folder.get());
  // Another process may take a folder for stale between its making and its locking, and remove it.
  for (int attempt = 0; attempt < 16; ++attempt) {
    const std::string name = random_name();
    if (mkdirat(base_folder.get(), name.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return os_error("making a folder for files in", base);
    }
    FileDescriptor folder = open_folder(base_folder.get(), name.c_str());
    if (!folder) {
      if (errno == ENOENT) continue;
      return os_error("opening a folder for files in", base);
    }
    if (!lock(folder)) {
      if (errno == EWOULDBLOCK) continue;
      return fail(Errc::io, "the folder " + base.string() + " cannot be locked (" + std::strerror(errno) +
                                "); set XDG_CACHE_HOME to a folder on a local disk");
    }
    if (!same_file(folder.get(), base_folder.get(), name.c_str())) continue;
    std::unique_ptr<Snapshot> snapshot(new Snapshot(base / name, std::move(folder)));
    CHECK_OK(snapshot->fill(store, files, max_bytes));
    return snapshot;
  }
  return fail(Errc::unavailable,
              "no folder for files could be kept in " + base.string() + "; another process removes them");
}

Result<void> Snapshot::fill(const Store& store, std::span<const SnapshotFile> files, std::uint64_t max_bytes) {
  std::uint64_t left = max_bytes;
  for (const SnapshotFile& file : files) {
    TRY(const FileDescriptor made, make_file(lock_.get(), file.place));
    auto copied = copy(store, file.ref, made.get(), left);
    if (!copied && copied.error().code() == Errc::limit) {
      return fail(Errc::limit, "the files of one component have more than " + std::to_string(max_bytes) +
                                   " bytes together, with " + file.ref.path + "; name fewer files");
    }
    if (!copied) return std::unexpected(std::move(copied).error());
    left -= *copied;
  }
  return {};
}

Snapshot::~Snapshot() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace weft::content
