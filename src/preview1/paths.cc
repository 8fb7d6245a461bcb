// What lies below directories.
#include <algorithm>

#include "preview1/functions.h"
#include "util/utf8.h"

namespace weft::preview1 {
namespace {

using bind::Host;

wasi::PathFlags path_flags(std::uint32_t lookup) {
  return {(lookup & 1) != 0 ? 1u << wasi::path_flag::symlink_follow : 0};
}

// Listings behind a wait for the disk are none of the guest's: paths are looked up on the loop's thread, as in 0.2.
Status path_create_directory(Host host, Fd fd, GuestPtr path, std::uint32_t length) {
  TRY(const Open* open, Descriptors::of(host).directory(fd, right::path_create_directory));
  TRY(const std::string name, text_of(path, length));
  return open->file->create_directory_at(name);
}

Status path_filestat_get(Host host, Fd fd, std::uint32_t lookup, GuestPtr path, std::uint32_t length, GuestPtr result) {
  TRY(const Open* open, Descriptors::of(host).directory(fd, right::path_filestat_get));
  TRY(const std::string name, text_of(path, length));
  TRY(const struct stat status, open->file->status_at(path_flags(lookup), name));
  result.write(filestat_of(status));
  return {};
}

Status path_filestat_set_times(Host host, Fd fd, std::uint32_t lookup, GuestPtr path, std::uint32_t length,
                               std::uint64_t atim, std::uint64_t mtim, std::uint32_t flags) {
  TRY(const Open* open, Descriptors::of(host).directory(fd, right::path_filestat_set_times));
  TRY(const std::string name, text_of(path, length));
  TRY(const NewTimes times, new_times(atim, mtim, flags));
  return open->file->set_times_at(path_flags(lookup), name, times.accessed, times.modified);
}

Status path_link(Host host, Fd old_fd, std::uint32_t lookup, GuestPtr old_path, std::uint32_t old_length, Fd new_fd,
                 GuestPtr new_path, std::uint32_t new_length) {
  auto& descriptors = Descriptors::of(host);
  TRY(const Open* from, descriptors.directory(old_fd, right::path_link_source));
  TRY(const Open* to, descriptors.directory(new_fd, right::path_link_target));
  TRY(const std::string old_name, text_of(old_path, old_length));
  TRY(const std::string new_name, text_of(new_path, new_length));
  return from->file->link_at(path_flags(lookup), old_name, *to->file, new_name);
}

wasi::OpenFlags open_flags(std::uint32_t oflags) {
  namespace flag = wasi::open_flag;
  wasi::OpenFlags flags{};
  if ((oflags & oflag::creat) != 0) flags.bits |= 1u << flag::create;
  if ((oflags & oflag::directory) != 0) flags.bits |= 1u << flag::directory;
  if ((oflags & oflag::excl) != 0) flags.bits |= 1u << flag::exclusive;
  if ((oflags & oflag::trunc) != 0) flags.bits |= 1u << flag::truncate;
  return flags;
}

wasi::DescriptorFlags descriptor_flags(Rights rights, std::uint32_t fdflags) {
  namespace flag = wasi::descriptor_flag;
  wasi::DescriptorFlags flags{};
  if ((rights & right::fd_read) != 0) flags.bits |= 1u << flag::read;
  if ((rights & right::fd_write) != 0) flags.bits |= 1u << flag::write;
  if ((fdflags & fdflag::sync) != 0) flags.bits |= 1u << flag::file_integrity_sync;
  if ((fdflags & fdflag::dsync) != 0) flags.bits |= 1u << flag::data_integrity_sync;
  if ((fdflags & fdflag::rsync) != 0) flags.bits |= 1u << flag::requested_write_sync;
  return flags;
}

Status path_open(Host host, Fd fd, std::uint32_t lookup, GuestPtr path, std::uint32_t length, std::uint32_t oflags,
                 Rights rights, Rights, std::uint32_t fdflags, GuestPtr result) {
  constexpr Rights access = right::fd_read | right::fd_write;
  auto& descriptors = Descriptors::of(host);
  Rights needed = right::path_open;
  if ((oflags & oflag::creat) != 0) needed |= right::path_create_file;
  if ((oflags & oflag::trunc) != 0) needed |= right::path_filestat_set_size;
  TRY(const Open* parent, descriptors.directory(fd, needed));
  if ((rights & access & ~parent->inheriting) != 0) return Errno::notcapable;
  if ((oflags & ~oflag::all) != 0 || (fdflags & ~fdflag::all) != 0) return Errno::inval;
  TRY(const std::string name, text_of(path, length));
  result.check(1, sizeof(Fd), alignof(Fd));
  TRY(auto file,
      parent->file->open_at(path_flags(lookup), name, open_flags(oflags), descriptor_flags(rights, fdflags)));

  auto open = std::make_unique<Open>();
  open->file = std::move(file);
  open->flags = fdflags;
  open->inheriting = parent->inheriting;
  if (open->is_directory()) {
    open->base = right::of_directory & parent->inheriting;
  } else {
    // Whoever asks for neither means to read.
    const Rights asked = (rights & access) != 0 ? rights & access : right::fd_read;
    open->base = ((right::of_file & ~access) | asked) & parent->inheriting;
    open->inheriting = open->base;
  }
  result.write(descriptors.add(std::move(open)));
  return {};
}

Status path_readlink(Host host, Fd fd, GuestPtr path, std::uint32_t length, GuestPtr buffer, std::uint32_t size,
                     GuestPtr used) {
  TRY(const Open* open, Descriptors::of(host).directory(fd, right::path_readlink));
  TRY(const std::string name, text_of(path, length));
  TRY(const std::string target, open->file->readlink_at(name));
  const auto bytes = std::as_bytes(std::span(target)).first(std::min<std::size_t>(target.size(), size));
  std::ranges::copy(bytes, buffer.bytes(bytes.size()).begin());
  used.write(static_cast<std::uint32_t>(bytes.size()));
  return {};
}

Status path_remove_directory(Host host, Fd fd, GuestPtr path, std::uint32_t length) {
  TRY(const Open* open, Descriptors::of(host).directory(fd, right::path_remove_directory));
  TRY(const std::string name, text_of(path, length));
  return open->file->remove_directory_at(name);
}

Status path_rename(Host host, Fd old_fd, GuestPtr old_path, std::uint32_t old_length, Fd new_fd, GuestPtr new_path,
                   std::uint32_t new_length) {
  auto& descriptors = Descriptors::of(host);
  TRY(const Open* from, descriptors.directory(old_fd, right::path_rename_source));
  TRY(const Open* to, descriptors.directory(new_fd, right::path_rename_target));
  TRY(const std::string old_name, text_of(old_path, old_length));
  TRY(const std::string new_name, text_of(new_path, new_length));
  return from->file->rename_at(old_name, *to->file, new_name);
}

Status path_symlink(Host host, GuestPtr old_path, std::uint32_t old_length, Fd fd, GuestPtr new_path,
                    std::uint32_t new_length) {
  TRY(const Open* open, Descriptors::of(host).directory(fd, right::path_symlink));
  TRY(const std::string target, text_of(old_path, old_length));
  TRY(const std::string name, text_of(new_path, new_length));
  return open->file->symlink_at(target, name);
}

Status path_unlink_file(Host host, Fd fd, GuestPtr path, std::uint32_t length) {
  TRY(const Open* open, Descriptors::of(host).directory(fd, right::path_unlink_file));
  TRY(const std::string name, text_of(path, length));
  return open->file->unlink_file_at(name);
}

}  // namespace

Outcome<std::string> text_of(GuestPtr at, std::uint32_t length) {
  const auto bytes = at.bytes(length);
  if (length > wasi::max_path_bytes) return failed(Errno::nametoolong);
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!is_utf8(text)) return failed(Errno::ilseq);
  return text;
}

void add_paths(bind::Interface& interface) {
  interface.func<&path_create_directory>("path-create-directory")
      .func<&path_filestat_get>("path-filestat-get")
      .func<&path_filestat_set_times>("path-filestat-set-times")
      .func<&path_link>("path-link")
      .func<&path_open>("path-open")
      .func<&path_readlink>("path-readlink")
      .func<&path_remove_directory>("path-remove-directory")
      .func<&path_rename>("path-rename")
      .func<&path_symlink>("path-symlink")
      .func<&path_unlink_file>("path-unlink-file");
}

}  // namespace weft::preview1
