#include "download/downloads.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

#include "util/cache_home.h"

namespace weft::download {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t piece_bytes = 256 << 10;

std::unexpected<Error> os_error(std::string_view doing, const fs::path& path) {
  return std::unexpected(Error::from_errno(std::string(doing) + " " + path.string(), errno));
}

Result<content::Opened> opened(FileDescriptor file, const fs::path& path) {
  struct stat status;
  if (fstat(file.get(), &status) != 0) return os_error("looking at", path);
  if (!S_ISREG(status.st_mode)) return fail(Errc::invalid, path.string() + " is no file; remove it");
  return content::Opened{
      .file = std::move(file), .size = static_cast<std::uint64_t>(status.st_size), .modified = status.st_mtim};
}

Result<Sha256> digest_of(int file, const fs::path& path) {
  Sha256Stream hash;
  std::vector<std::byte> piece(piece_bytes);
  for (off_t at = 0;;) {
    const ssize_t got = pread(file, piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("reading", path);
    if (got == 0) return hash.finish();
    hash.add(std::span(piece).first(static_cast<std::size_t>(got)));
    at += got;
  }
}

// A file of another name in the same folder, that goes away unless it gets its own.
class Unfinished : Pinned {
 public:
  explicit Unfinished(const fs::path& folder) : path_((folder / "unfinished-XXXXXX").string()) {
    file_ = FileDescriptor(mkostemp(path_.data(), O_CLOEXEC));
  }
  ~Unfinished() {
    if (file_ && !kept_) unlink(path_.c_str());
  }
  const FileDescriptor& file() const { return file_; }
  const std::string& path() const { return path_; }
  bool keep_as(const fs::path& place) { return kept_ = rename(path_.c_str(), place.c_str()) == 0; }
  FileDescriptor take() { return std::move(file_); }

 private:
  std::string path_;
  FileDescriptor file_;
  bool kept_ = false;
};

}  // namespace

fs::path default_folder() {
  const fs::path home = cache_home();
  return home.empty() ? home : home / "downloads";
}

Result<content::Opened> Downloads::open(const content::Ref& ref) const {
  if (folder_.empty()) {
    return fail(Errc::not_found, "there is no folder for downloads: set HOME or XDG_CACHE_HOME");
  }
  const fs::path place = folder_ / ("sha256-" + hex(*ref.digest));
  FileDescriptor kept(::open(place.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (kept) {
    TRY(const Sha256 found, digest_of(kept.get(), place));
    if (found == *ref.digest) return opened(std::move(kept), place);
  }
  return download(ref, place);
}

Result<content::Opened> Downloads::download(const content::Ref& ref, const fs::path& place) const {
  const auto url = Url::parse(ref.path);
  if (!url) return fail(Errc::invalid, ref.path + " is not a URL: write https://host/path");
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) return fail(Errc::io, "making the folder " + folder_.string() + ": " + failed.message());
  Unfinished unfinished(folder_);
  if (!unfinished.file()) return os_error("making a file in", folder_);
  CHECK_OK(get(*url, unfinished.file().get(), options_));
  TRY(const Sha256 found, digest_of(unfinished.file().get(), unfinished.path()));
  if (found != *ref.digest) {
    return fail(Errc::invalid, ref.path + " is not what it should be: its SHA-256 is " + hex(found) + ", expected " +
                                   hex(*ref.digest) + "; correct the digest, if you trust what is there now");
  }
  if (!unfinished.keep_as(place)) return os_error("writing", place);
  return opened(unfinished.take(), place);
}

}  // namespace weft::download
