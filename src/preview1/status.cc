// What descriptors are: status, rights, times, preopens, listings.
#include <algorithm>

#include "preview1/functions.h"
#include "wasi/file_streams.h"

namespace weft::preview1 {
namespace {

using bind::Host;

constexpr std::uint64_t second = 1'000'000'000;

std::uint64_t nanoseconds_of(const timespec& time) {
  const auto seconds = static_cast<std::uint64_t>(time.tv_sec);
  // What the interface cannot say is told as its nearest.
  if (time.tv_sec < 0) return 0;
  if (seconds > UINT64_MAX / second - 1) return UINT64_MAX;
  return seconds * second + static_cast<std::uint64_t>(time.tv_nsec);
}

Outcome<wasi::NewTimestamp> new_time(std::uint64_t time, bool set, bool now) {
  if (set && now) return failed(Errno::inval);
  if (now) return wasi::Now{};
  if (set) return wasi::Timestamp{wasi::datetime_of(time)};
  return wasi::NoChange{};
}

Status fd_close(Host host, Fd fd) {
  return Descriptors::of(host).close(fd);
}

Status fd_renumber(Host host, Fd from, Fd to) {
  return Descriptors::of(host).renumber(from, to);
}

Status fd_fdstat_get(Host host, Fd fd, GuestPtr result) {
  TRY(const Open* open, Descriptors::of(host).get(fd));
  result.write(Fdstat{.filetype = open->filetype(),
                      .flags = static_cast<std::uint16_t>(open->flags),
                      .base = open->base,
                      .inheriting = open->inheriting});
  return {};
}

Status fd_fdstat_set_flags(Host host, Fd fd, std::uint32_t flags) {
  constexpr std::uint32_t may_change = fdflag::append | fdflag::nonblock;
  TRY(Open * open, Descriptors::of(host).get(fd, right::fd_fdstat_set_flags));
  if (((flags ^ open->flags) & ~may_change) != 0) return Errno::inval;
  open->flags = flags;
  return {};
}

Status fd_fdstat_set_rights(Host host, Fd fd, Rights base, Rights inheriting) {
  TRY(Open * open, Descriptors::of(host).get(fd));
  if ((base & ~open->base) != 0 || (inheriting & ~open->inheriting) != 0) return Errno::notcapable;
  open->base = base;
  open->inheriting = inheriting;
  return {};
}

Status fd_filestat_get(Host host, Fd fd, GuestPtr result) {
  TRY(const Open* open, Descriptors::of(host).get(fd, right::fd_filestat_get));
  Filestat stat{.filetype = open->filetype()};
  if (open->file != nullptr) {
    TRY(const struct stat status, open->file->status());
    stat = filestat_of(status);
  }
  result.write(stat);
  return {};
}

Status fd_filestat_set_size(Host host, Fd fd, std::uint64_t size) {
  TRY(const Open* open, Descriptors::of(host).file(fd, right::fd_filestat_set_size));
  return open->file->set_size(size);
}

Status fd_filestat_set_times(Host host, Fd fd, std::uint64_t atim, std::uint64_t mtim, std::uint32_t flags) {
  TRY(const Open* open, Descriptors::of(host).get(fd, right::fd_filestat_set_times));
  TRY(const NewTimes times, new_times(atim, mtim, flags));
  return open->file->set_times(times.accessed, times.modified);
}

Status fd_prestat_get(Host host, Fd fd, GuestPtr result) {
  TRY(const Open* open, Descriptors::of(host).get(fd));
  if (!open->preopened) return Errno::badf;
  result.write(Prestat{.name_length = static_cast<std::uint32_t>(open->preopened->size())});
  return {};
}

Status fd_prestat_dir_name(Host host, Fd fd, GuestPtr path, std::uint32_t length) {
  TRY(const Open* open, Descriptors::of(host).get(fd));
  if (!open->preopened) return Errno::notdir;
  if (length < open->preopened->size()) return Errno::nametoolong;
  std::ranges::copy(std::as_bytes(std::span(*open->preopened)), path.bytes(open->preopened->size()).begin());
  return {};
}

// ---- listings ----

// `.` and `..` come first, under the cookies 0 and 1.
constexpr std::uint64_t first_of_stream = 2;

// The entry that is next; none at the end.
Outcome<std::optional<Listing::Entry>> entry_of(Open& open) {
  Listing& listing = open.listing;
  if (listing.ahead) return *std::exchange(listing.ahead, std::nullopt);
  if (listing.next < first_of_stream) {
    TRY(const struct stat status, outcome(open.file->status()));
    return Listing::Entry{listing.next == 0 ? "." : "..", status.st_ino, wasi::DescriptorType::directory};
  }
  for (;;) {
    auto entry = listing.stream->next();
    // A name that is no text cannot be told to anybody.
    if (!entry && entry.error() == wasi::ErrorCode::illegal_byte_sequence) continue;
    if (!entry) return failed(errno_of(entry.error()));
    if (!*entry) return std::nullopt;
    return Listing::Entry{std::move((*entry)->name), listing.stream->inode(), (*entry)->type};
  }
}

// Begins anew, and goes on to the entry that `cookie` names.
Outcome<void> seek(Open& open, std::uint64_t cookie) {
  Listing& listing = open.listing;
  TRY(auto stream, outcome(open.file->read_directory()));
  listing = {.stream = std::move(stream), .next = std::min(cookie, first_of_stream), .ahead = {}};
  for (; listing.next < cookie; ++listing.next) {
    TRY(const auto passed, entry_of(open));
    if (!passed) break;
  }
  // Behind the end there is nothing, whatever the cookie.
  listing.next = cookie;
  return {};
}

// As many bytes as there is room for.
std::uint32_t put(std::span<const std::byte> bytes, GuestPtr& at, std::uint32_t room) {
  const auto size = std::min<std::size_t>(bytes.size(), room);
  std::ranges::copy(bytes.first(size), at.bytes(size).begin());
  at = at + size;
  return static_cast<std::uint32_t>(size);
}

Status fd_readdir(Host host, Fd fd, GuestPtr buffer, std::uint32_t length, std::uint64_t cookie, GuestPtr used) {
  TRY(Open * open, Descriptors::of(host).directory(fd, right::fd_readdir));
  buffer.check(length, 1, 1);
  Listing& listing = open->listing;
  // From the start the directory is read anew: it may have changed.
  if (listing.stream == nullptr || cookie == 0 || cookie != listing.next) CHECK_OK(seek(*open, cookie));
  std::uint32_t room = length;
  while (room != 0) {
    TRY(auto entry, entry_of(*open));
    if (!entry) break;
    const Dirent head{.next = listing.next + 1,
                      .ino = entry->inode,
                      .name_length = static_cast<std::uint32_t>(entry->name.size()),
                      .type = filetype_of(entry->type)};
    room -= put(std::as_bytes(std::span(&head, 1)), buffer, room);
    const std::uint32_t name = put(std::as_bytes(std::span(entry->name)), buffer, room);
    room -= name;
    // What was cut off is asked for again, by its own cookie; a full buffer says that there may be more.
    if (name < entry->name.size()) {
      listing.ahead = std::move(entry);
      break;
    }
    ++listing.next;
  }
  used.write(length - room);
  return {};
}

}  // namespace

Filestat filestat_of(const struct stat& status) {
  return {.dev = status.st_dev,
          .ino = status.st_ino,
          .filetype = filetype_of(wasi::descriptor_type_of(status.st_mode)),
          .nlink = status.st_nlink,
          .size = static_cast<std::uint64_t>(status.st_size),
          .atim = nanoseconds_of(status.st_atim),
          .mtim = nanoseconds_of(status.st_mtim),
          .ctim = nanoseconds_of(status.st_ctim)};
}

Outcome<NewTimes> new_times(std::uint64_t atim, std::uint64_t mtim, std::uint32_t flags) {
  if ((flags & ~fstflag::all) != 0) return failed(Errno::inval);
  NewTimes times;
  TRY(times.accessed, new_time(atim, (flags & fstflag::atim) != 0, (flags & fstflag::atim_now) != 0));
  TRY(times.modified, new_time(mtim, (flags & fstflag::mtim) != 0, (flags & fstflag::mtim_now) != 0));
  return times;
}

void add_descriptors(bind::Interface& interface) {
  interface.func<&fd_close>("fd-close")
      .func<&fd_renumber>("fd-renumber")
      .func<&fd_fdstat_get>("fd-fdstat-get")
      .func<&fd_fdstat_set_flags>("fd-fdstat-set-flags")
      .func<&fd_fdstat_set_rights>("fd-fdstat-set-rights")
      .func<&fd_filestat_get>("fd-filestat-get")
      .func<&fd_filestat_set_size>("fd-filestat-set-size")
      .func<&fd_filestat_set_times>("fd-filestat-set-times")
      .func<&fd_prestat_get>("fd-prestat-get")
      .func<&fd_prestat_dir_name>("fd-prestat-dir-name")
      .func<&fd_readdir>("fd-readdir");
}

}  // namespace weft::preview1
