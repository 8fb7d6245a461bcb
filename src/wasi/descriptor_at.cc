// Descriptor's operations on what lies below its directory.
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>

#include "util/open_beneath.h"
#include "util/utf8.h"
#include "wasi/descriptor.h"
#include "wasi/file_status.h"

namespace weft::wasi {
namespace {

constexpr mode_t new_file_mode = 0666;  // less the process's umask
constexpr mode_t new_directory_mode = 0777;

// Errors of resolving a path: leaving the directory is not-permitted (wasi:filesystem/types).
std::unexpected<ErrorCode> resolution_error(int error_number) {
  return file_error(error_number == EXDEV ? ErrorCode::not_permitted : error_code_of(error_number));
}

int follow_flag(PathFlags flags) {
  return flags.has(path_flag::symlink_follow) ? 0 : O_NOFOLLOW;
}

bool is_directory(int folder, const char* name) {
  struct stat status;
  return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

int sync_flags(DescriptorFlags flags) {
  int out = 0;
  if (flags.has(descriptor_flag::file_integrity_sync)) out |= O_SYNC;
  if (flags.has(descriptor_flag::data_integrity_sync)) out |= O_DSYNC;
  if (flags.has(descriptor_flag::requested_write_sync)) out |= O_RSYNC;
  return out;
}

int access_flags(DescriptorFlags flags) {
  if (!flags.has(descriptor_flag::write)) return O_RDONLY;
  return flags.has(descriptor_flag::read) ? O_RDWR : O_WRONLY;
}

// What can be judged of a path without the disk.
FileResult<void> check_text(const std::string& path) {
  if (path.size() > max_path_bytes) return file_error(ErrorCode::name_too_long);
  if (path.find('\0') != std::string::npos) return file_error(ErrorCode::invalid);
  return {};
}

}  // namespace

FileResult<void> Descriptor::check_path(const std::string& path) const {
  if (type_ != DescriptorType::directory) return file_error(ErrorCode::not_directory);
  CHECK_OK(check_text(path));
  if (path.starts_with('/')) return file_error(ErrorCode::not_permitted);
  return {};
}

FileResult<void> Descriptor::check_change(const std::string& path) const {
  CHECK_OK(check_path(path));
  if (!writable_) return file_error(ErrorCode::read_only);
  return {};
}

template <class Call>
FileResult<void> Descriptor::make_entry(Call call) const {
  if (quota_ != nullptr && !quota_->take(disk_entry_bytes)) return file_error(ErrorCode::quota);
  if (call() == 0) return {};
  const int error = errno;
  if (quota_ != nullptr) quota_->give_back(disk_entry_bytes);
  return file_error(error_code_of(error));
}

FileResult<Descriptor::Place> Descriptor::place_of(const std::string& path) const {
  if (path.empty()) return file_error(ErrorCode::no_entry);
  Place place;
  const std::size_t end = path.find_last_not_of('/') + 1;
  const std::size_t slash = path.rfind('/', end - 1);
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  place.slash = end < path.size();
  place.name = path.substr(begin, end - begin);
  std::string folder = begin == 0 ? "." : path.substr(0, begin);
  if (place.name == "." || place.name == "..") {
    folder = path;
    place.name = ".";
  }
  auto opened = open_beneath(file_->fd(), folder.c_str(), O_PATH | O_DIRECTORY);
  if (!opened) return resolution_error(opened.error());
  place.folder = *std::move(opened);
  return place;
}

FileResult<Descriptor::Place> Descriptor::place_of_link(const std::string& path) const {
  TRY(Place place, place_of(path));
  if (!place.slash) return place;
  struct stat status;
  const bool there = fstatat(place.folder.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  return file_error(there ? ErrorCode::exist : ErrorCode::no_entry);
}

// An O_PATH descriptor: good for looking at the object, not for using it.
FileResult<FileDescriptor> Descriptor::look_up(PathFlags path_flags, const std::string& path) const {
  CHECK_OK(check_path(path));
  auto seen = open_beneath(file_->fd(), path.c_str(), O_PATH | follow_flag(path_flags));
  if (!seen) return resolution_error(seen.error());
  return *std::move(seen);
}

FileResult<bind::Own<Descriptor>> Descriptor::open_directory(const FileDescriptor& seen, std::shared_ptr<OpenFile> file,
                                                             DescriptorFlags flags) const {
  file->descriptor = FileDescriptor(openat(seen.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file->descriptor) return file_error();
  // Told as asked for, and reading is always meant. What may be changed is the mount's bit all the same: the adapter of
  // preview 1, and with it most of what is built, never asks for mutate-directory.
  flags.bits = (flags.bits & 1u << descriptor_flag::mutate_directory) | 1u << descriptor_flag::read;
  return bind::Own<Descriptor>(
      new Descriptor(std::move(file), DescriptorType::directory, flags, writable_, limit_, quota_));
}

FileResult<bind::Own<Descriptor>> Descriptor::open_at(PathFlags path_flags, const std::string& path,
                                                      OpenFlags open_flags, DescriptorFlags flags) const {
  CHECK_OK(check_path(path));
  const bool create = open_flags.has(open_flag::create);
  const bool truncate = open_flags.has(open_flag::truncate);
  const bool write = flags.has(descriptor_flag::write);
  if ((create || truncate || write || flags.has(descriptor_flag::mutate_directory)) && !writable_) {
    return file_error(ErrorCode::read_only);
  }
  if (create && open_flags.has(open_flag::directory)) return file_error(ErrorCode::invalid);
  auto file = OpenFile::reserve(limit_, quota_);
  if (file == nullptr) return file_error(ErrorCode::insufficient_memory);

  // Looked at before it is opened: opening a device or a pipe can have effects of its own, or wait.
  auto seen = open_beneath(file_->fd(), path.c_str(), O_PATH | follow_flag(path_flags));
  if (seen) {
    TRY(const struct stat status, status_of(seen->get()));
    if (create && open_flags.has(open_flag::exclusive)) return file_error(ErrorCode::exist);
    switch (descriptor_type_of(status.st_mode)) {
      case DescriptorType::directory:
        if (create || truncate || write) return file_error(ErrorCode::is_directory);
        return open_directory(*seen, std::move(file), flags);
      case DescriptorType::regular_file:
        break;
      case DescriptorType::symbolic_link:
        return file_error(ErrorCode::loop);
      default:
        return file_error(ErrorCode::unsupported);
    }
    if (open_flags.has(open_flag::directory)) return file_error(ErrorCode::not_directory);
  } else if (!create || seen.error() != ENOENT) {
    return resolution_error(seen.error());
  }

  // Without any right asked for, reading is meant; making and emptying are writing.
  if (!write) flags.bits |= 1u << descriptor_flag::read;
  if (create || truncate) flags.bits |= 1u << descriptor_flag::write;
  flags.bits &= ~(1u << descriptor_flag::mutate_directory);
  const bool made = !seen.has_value();
  if (made && quota_ != nullptr && !quota_->take(disk_entry_bytes)) return file_error(ErrorCode::quota);
  int how = access_flags(flags) | sync_flags(flags) | follow_flag(path_flags) | O_NONBLOCK | O_NOCTTY;
  if (create) how |= O_CREAT | (open_flags.has(open_flag::exclusive) ? O_EXCL : 0);
  if (truncate) how |= O_TRUNC;
  auto opened = open_beneath(file_->fd(), path.c_str(), how, new_file_mode);
  if (!opened) {
    if (made && quota_ != nullptr) quota_->give_back(disk_entry_bytes);
    return resolution_error(opened.error());
  }
  file->descriptor = *std::move(opened);
  TRY(const struct stat status, status_of(file->fd()));
  // Something else was put there since it was looked at.
  if (!S_ISREG(status.st_mode)) return file_error(ErrorCode::busy);
  return bind::Own<Descriptor>(
      new Descriptor(std::move(file), DescriptorType::regular_file, flags, writable_, limit_, quota_));
}

FileResult<void> Descriptor::create_directory_at(const std::string& path) const {
  CHECK_OK(check_change(path));
  TRY(const Place place, place_of(path));
  return make_entry([&] { return mkdirat(place.folder.get(), place.name.c_str(), new_directory_mode); });
}

FileResult<struct stat> Descriptor::status_at(PathFlags path_flags, const std::string& path) const {
  TRY(const FileDescriptor seen, look_up(path_flags, path));
  return status_of(seen.get());
}

FileResult<DescriptorStat> Descriptor::stat_at(PathFlags path_flags, const std::string& path) const {
  TRY(const struct stat found, status_at(path_flags, path));
  return to_descriptor_stat(found);
}

FileResult<MetadataHash> Descriptor::metadata_hash_at(PathFlags path_flags, const std::string& path) const {
  TRY(const FileDescriptor seen, look_up(path_flags, path));
  TRY(const struct stat status, status_of(seen.get()));
  return hash_of(status);
}

FileResult<void> Descriptor::set_times_at(PathFlags path_flags, const std::string& path, const NewTimestamp& accessed,
                                          const NewTimestamp& modified) const {
  CHECK_OK(check_change(path));
  TRY(const FileTimes times, file_times(accessed, modified));
  TRY(const FileDescriptor seen, look_up(path_flags, path));
  if (utimensat(seen.get(), "", times.data(), AT_EMPTY_PATH) != 0) return file_error();
  return {};
}

FileResult<void> Descriptor::link_at(PathFlags old_path_flags, const std::string& old_path,
                                     const Descriptor& new_directory, const std::string& new_path) const {
  // Both sides: a link in a writable mount would make a file of a read-only one writable.
  CHECK_OK(check_change(old_path));
  CHECK_OK(new_directory.check_change(new_path));
  if (old_path_flags.has(path_flag::symlink_follow)) {
    TRY(const FileDescriptor seen, look_up(old_path_flags, old_path));
    TRY(const struct stat status, status_of(seen.get()));
    if (!S_ISREG(status.st_mode)) return file_error(ErrorCode::not_permitted);
    TRY(const Place to, new_directory.place_of_link(new_path));
    // The way to link exactly the file that was found (openat2 has followed the links).
    std::array<char, 64> name;
    std::snprintf(name.data(), name.size(), "/proc/self/fd/%d", seen.get());
    return make_entry(
        [&] { return linkat(AT_FDCWD, name.data(), to.folder.get(), to.name.c_str(), AT_SYMLINK_FOLLOW); });
  }
  TRY(const Place from, place_of(old_path));
  TRY(const Place to, new_directory.place_of_link(new_path));
  if (from.slash && !is_directory(from.folder.get(), from.name.c_str())) return file_error(ErrorCode::not_directory);
  return make_entry([&] { return linkat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str(), 0); });
}

FileResult<std::string> Descriptor::readlink_at(const std::string& path) const {
  TRY(const FileDescriptor seen, look_up({}, path));
  TRY(const struct stat status, status_of(seen.get()));
  if (!S_ISLNK(status.st_mode)) return file_error(ErrorCode::invalid);
  std::string target(PATH_MAX, '\0');
  const ssize_t length = readlinkat(seen.get(), "", target.data(), target.size());
  if (length < 0) return file_error();
  target.resize(static_cast<std::size_t>(length));
  if (target.starts_with('/')) return file_error(ErrorCode::not_permitted);
  if (!is_utf8(target)) return file_error(ErrorCode::illegal_byte_sequence);
  return target;
}

FileResult<void> Descriptor::remove_directory_at(const std::string& path) const {
  CHECK_OK(check_change(path));
  TRY(const Place place, place_of(path));
  // A link with a slash behind it stands for where it leads.
  if (place.slash) {
    const auto seen = open_beneath(file_->fd(), path.c_str(), O_PATH | O_DIRECTORY);
    if (!seen && seen.error() == EXDEV) return resolution_error(seen.error());
  }
  if (unlinkat(place.folder.get(), place.name.c_str(), AT_REMOVEDIR) != 0) return file_error();
  return {};
}

FileResult<void> Descriptor::rename_at(const std::string& old_path, const Descriptor& new_directory,
                                       const std::string& new_path) const {
  CHECK_OK(check_change(old_path));
  CHECK_OK(new_directory.check_change(new_path));
  TRY(const Place from, place_of(old_path));
  TRY(const Place to, new_directory.place_of(new_path));
  if ((from.slash || to.slash) && !is_directory(from.folder.get(), from.name.c_str())) {
    struct stat status;
    const bool there = fstatat(from.folder.get(), from.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    return file_error(there ? ErrorCode::not_directory : ErrorCode::no_entry);
  }
  if (renameat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str()) != 0) return file_error();
  return {};
}

FileResult<void> Descriptor::symlink_at(const std::string& old_path, const std::string& new_path) const {
  CHECK_OK(check_change(new_path));
  CHECK_OK(check_text(old_path));
  if (old_path.starts_with('/')) return file_error(ErrorCode::not_permitted);
  TRY(const Place place, place_of_link(new_path));
  return make_entry([&] { return symlinkat(old_path.c_str(), place.folder.get(), place.name.c_str()); });
}

FileResult<void> Descriptor::unlink_file_at(const std::string& path) const {
  CHECK_OK(check_change(path));
  TRY(const Place place, place_of(path));
  if (place.slash) {
    struct stat status;
    if (fstatat(place.folder.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return file_error();
    return file_error(S_ISDIR(status.st_mode) ? ErrorCode::is_directory : ErrorCode::not_directory);
  }
  if (unlinkat(place.folder.get(), place.name.c_str(), 0) != 0) return file_error();
  return {};
}

}  // namespace weft::wasi
