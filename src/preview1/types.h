// The numbers and records of WASI preview 1 (wasi_snapshot_preview1.witx). Records are read and written as they lie in
// guest memory, so their layout is the interface's.
#pragma once

#include <cstdint>

#include "wasi/file_types.h"

namespace weft::preview1 {

using Fd = std::uint32_t;
using Rights = std::uint64_t;

namespace right {
enum : Rights {
  fd_datasync = 1u << 0,
  fd_read = 1u << 1,
  fd_seek = 1u << 2,
  fd_fdstat_set_flags = 1u << 3,
  fd_sync = 1u << 4,
  fd_tell = 1u << 5,
  fd_write = 1u << 6,
  fd_advise = 1u << 7,
  fd_allocate = 1u << 8,
  path_create_directory = 1u << 9,
  path_create_file = 1u << 10,
  path_link_source = 1u << 11,
  path_link_target = 1u << 12,
  path_open = 1u << 13,
  fd_readdir = 1u << 14,
  path_readlink = 1u << 15,
  path_rename_source = 1u << 16,
  path_rename_target = 1u << 17,
  path_filestat_get = 1u << 18,
  path_filestat_set_size = 1u << 19,
  path_filestat_set_times = 1u << 20,
  fd_filestat_get = 1u << 21,
  fd_filestat_set_size = 1u << 22,
  fd_filestat_set_times = 1u << 23,
  path_symlink = 1u << 24,
  path_remove_directory = 1u << 25,
  path_unlink_file = 1u << 26,
  poll_fd_readwrite = 1u << 27,
  sock_shutdown = 1u << 28,
  sock_accept = 1u << 29,
};
inline constexpr Rights none = 0;
inline constexpr Rights all = (Rights{1} << 30) - 1;
// Those that mean something for a file, and for a directory.
inline constexpr Rights of_file = fd_datasync | fd_read | fd_seek | fd_fdstat_set_flags | fd_sync | fd_tell | fd_write |
                                  fd_advise | fd_allocate | fd_filestat_get | fd_filestat_set_size |
                                  fd_filestat_set_times | poll_fd_readwrite;
inline constexpr Rights of_directory =
    fd_datasync | fd_fdstat_set_flags | fd_sync | path_create_directory | path_create_file | path_link_source |
    path_link_target | path_open | fd_readdir | path_readlink | path_rename_source | path_rename_target |
    path_filestat_get | path_filestat_set_size | path_filestat_set_times | fd_filestat_get | fd_filestat_set_times |
    path_symlink | path_remove_directory | path_unlink_file | poll_fd_readwrite;
}  // namespace right

namespace fdflag {
inline constexpr std::uint32_t append = 1, dsync = 2, nonblock = 4, rsync = 8, sync = 16, all = 31;
}
namespace oflag {
inline constexpr std::uint32_t creat = 1, directory = 2, excl = 4, trunc = 8, all = 15;
}
namespace fstflag {
inline constexpr std::uint32_t atim = 1, atim_now = 2, mtim = 4, mtim_now = 8, all = 15;
}

enum class Filetype : std::uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  regular_file,
  socket_dgram,
  socket_stream,
  symbolic_link,
};
Filetype filetype_of(wasi::DescriptorType type);

struct Iovec {
  std::uint32_t buf;
  std::uint32_t len;
};
static_assert(sizeof(Iovec) == 8);

struct Fdstat {
  Filetype filetype;
  std::uint8_t padding0 = 0;
  std::uint16_t flags;
  std::uint32_t padding1 = 0;
  Rights base;
  Rights inheriting;
};
static_assert(sizeof(Fdstat) == 24);

struct Filestat {
  std::uint64_t dev = 0;
  std::uint64_t ino = 0;
  Filetype filetype = Filetype::unknown;
  std::uint8_t padding[7] = {};
  std::uint64_t nlink = 0;
  std::uint64_t size = 0;
  std::uint64_t atim = 0;  // nanoseconds since 1970
  std::uint64_t mtim = 0;
  std::uint64_t ctim = 0;
};
static_assert(sizeof(Filestat) == 64);

struct Prestat {
  std::uint32_t tag = 0;  // a directory: there is nothing else
  std::uint32_t name_length;
};
static_assert(sizeof(Prestat) == 8);

struct Dirent {
  std::uint64_t next;  // the cookie of the entry behind it
  std::uint64_t ino;
  std::uint32_t name_length;
  Filetype type;
  std::uint8_t padding[3] = {};
};
static_assert(sizeof(Dirent) == 24);

enum class EventType : std::uint8_t { clock, fd_read, fd_write };

struct Subscription {
  std::uint64_t userdata;
  EventType type;
  std::uint8_t padding0[7];
  std::uint32_t id;  // the clock, or the descriptor
  std::uint32_t padding1;
  std::uint64_t timeout;
  std::uint64_t precision;
  std::uint16_t flags;
  std::uint16_t padding2[3];
};
static_assert(sizeof(Subscription) == 48);
// A time of the clock, and not from now.
inline constexpr std::uint16_t subscription_abstime = 1;

struct Event {
  std::uint64_t userdata = 0;
  std::uint16_t error = 0;
  EventType type = EventType::clock;
  std::uint8_t padding0[5] = {};
  std::uint64_t nbytes = 0;
  std::uint16_t flags = 0;
  std::uint8_t padding1[6] = {};
};
static_assert(sizeof(Event) == 32);
inline constexpr std::uint16_t event_hangup = 1;

}  // namespace weft::preview1
