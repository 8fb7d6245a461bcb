#include "runtime/cache_folder.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "util/cache_home.h"

namespace weft::runtime {
namespace {

constexpr const char* key_name = "key";

std::unexpected<Error> failed(const std::string& what, int error_number) {
  Error error = Error::from_errno(what, error_number);
  return fail(Errc::io, error.message());
}

}  // namespace

std::string default_cache_folder() {
  const std::filesystem::path home = cache_home();
  return home.empty() ? std::string() : (home / "code").string();
}

Result<std::unique_ptr<CacheFolder>> CacheFolder::open(const std::string& path) {
  std::unique_ptr<CacheFolder> made(new CacheFolder());
  made->path_ = path;
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  made->folder_ = FileDescriptor(::open(path.c_str(), flags));
  if (!made->folder_ && errno == ENOENT) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("making the folder " + path, errno);
    made->folder_ = FileDescriptor(::open(path.c_str(), flags));
  }
  if (!made->folder_) return failed("opening the folder " + path, errno);
  struct stat status;
  if (fstat(made->folder_.get(), &status) != 0) return failed("looking at " + path, errno);
  if (status.st_uid != geteuid()) {
    return fail(Errc::denied, path + " belongs to another user; name a folder of your own with --cache-dir");
  }
  if ((status.st_mode & 077) != 0) {
    return fail(Errc::denied, "others may enter " + path + "; run: chmod 700 " + path);
  }
  CHECK_OK(made->load_key());
  return made;
}

Result<void> CacheFolder::load_key() {
  // Twice at most: a key of the wrong shape is replaced, one that another process makes meanwhile is taken.
  for (int attempt = 0; attempt < 2; ++attempt) {
    FileDescriptor file(openat(folder_.get(), key_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file && errno != ENOENT && errno != ELOOP) return failed("opening " + path_ + "/" + key_name, errno);
    struct stat status;
    if (file && fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
        (status.st_mode & 077) == 0 && status.st_size == static_cast<off_t>(key_.size()) &&
        pread(file.get(), key_.data(), key_.size(), 0) == static_cast<ssize_t>(key_.size())) {
      return {};
    }
    // Others may know a key they could read; what it authenticated is made anew.
    if (file || errno == ELOOP) unlinkat(folder_.get(), key_name, 0);
    CHECK_OK(make_key());
  }
  return fail(Errc::io, "the key " + path_ + "/" + key_name + " changes all the time");
}

std::string CacheFolder::fresh_name() {
  std::array<std::byte, 12> random;
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) std::abort();
  return std::string(temporary_prefix) + hex(random);
}

Result<void> CacheFolder::make_key() {
  Sha256 key;
  if (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) return failed("making a key", errno);
  const std::string temporary = fresh_name();
  FileDescriptor file(openat(folder_.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return failed("writing to " + path_, errno);
  const bool written =
      write(file.get(), key.data(), key.size()) == static_cast<ssize_t>(key.size()) && fsync(file.get()) == 0;
  const int write_error = errno;
  // A link does not replace: the first of several processes wins, and all use its key.
  const bool linked =
      written && (linkat(folder_.get(), temporary.c_str(), folder_.get(), key_name, 0) == 0 || errno == EEXIST);
  const int link_error = errno;
  unlinkat(folder_.get(), temporary.c_str(), 0);
  if (!written) return failed("writing to " + path_, write_error);
  if (!linked) return failed("writing to " + path_, link_error);
  return {};
}

}  // namespace weft::runtime
