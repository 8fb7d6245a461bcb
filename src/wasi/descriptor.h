// resource wasi:filesystem/types.descriptor: a file or directory a guest has open.
//
// Paths are resolved by the kernel beneath the descriptor's directory (util/open_beneath.h); there is no path a guest,
// or anybody who changes the directory meanwhile, can lead out of it with. Whether anything may be changed is one bit
// of the mount, which every descriptor opened through it inherits. Belongs to one loop; every call goes to the disk on
// the loop's thread.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "wasi/error_code.h"
#include "wasi/file_streams.h"
#include "wasi/file_types.h"
#include "wasi/mounts.h"
#include "wasi/open_file.h"
#include "wasi/streams.h"

namespace weft::wasi {

// Bytes of a path: what the kernel takes.
inline constexpr std::size_t max_path_bytes = 4095;

class Descriptor final : public host::Resource {
 public:
  static constexpr const char* resource_name = "descriptor";
  using Bytes = std::vector<std::byte>;

  // The directory of a mount, as a preopen. What is opened through it counts against `limit`, what is written in
  // `quota`, which may be null.
  Descriptor(const Mount& mount, std::shared_ptr<OpenFileLimit> limit, std::shared_ptr<DiskQuota> quota = nullptr);

  // ---- what is open (descriptor.cc) ----
  FileResult<bind::Own<InputStream>> read_via_stream(std::uint64_t offset) const;
  FileResult<bind::Own<OutputStream>> write_via_stream(std::uint64_t offset) const;
  FileResult<bind::Own<OutputStream>> append_via_stream() const;
  FileResult<void> advise(std::uint64_t offset, std::uint64_t length, Advice advice) const;
  FileResult<void> sync_data() const;
  FileResult<void> sync() const;
  DescriptorFlags flags() const { return flags_; }
  DescriptorType type() const { return type_; }
  FileResult<void> set_size(std::uint64_t size) const;
  FileResult<void> set_times(const NewTimestamp& accessed, const NewTimestamp& modified) const;
  // At most max_read_bytes; true: the end of the file is reached.
  FileResult<std::tuple<Bytes, bool>> read(std::uint64_t length, std::uint64_t offset) const;
  // The bytes written: at most max_write_permit.
  FileResult<std::uint64_t> write(std::span<const std::byte> bytes, std::uint64_t offset) const;
  // The same, into `out` and at the end of the file, wherever it is by then.
  FileResult<std::size_t> read_into(std::span<std::byte> out, std::uint64_t offset) const;
  FileResult<std::size_t> append(std::span<const std::byte> bytes) const;
  FileResult<bind::Own<DirectoryEntryStream>> read_directory() const;
  FileResult<DescriptorStat> stat() const;
  // All that the system says of it, inode and device too.
  FileResult<struct stat> status() const;
  bool is_same_object(const Descriptor& other) const;
  FileResult<MetadataHash> metadata_hash() const;

  // ---- what lies below this directory (descriptor_at.cc) ----
  FileResult<bind::Own<Descriptor>> open_at(PathFlags path_flags, const std::string& path, OpenFlags open_flags,
                                            DescriptorFlags flags) const;
  FileResult<void> create_directory_at(const std::string& path) const;
  FileResult<DescriptorStat> stat_at(PathFlags path_flags, const std::string& path) const;
  FileResult<struct stat> status_at(PathFlags path_flags, const std::string& path) const;
  FileResult<void> set_times_at(PathFlags path_flags, const std::string& path, const NewTimestamp& accessed,
                                const NewTimestamp& modified) const;
  FileResult<void> link_at(PathFlags old_path_flags, const std::string& old_path, const Descriptor& new_directory,
                           const std::string& new_path) const;
  FileResult<std::string> readlink_at(const std::string& path) const;
  FileResult<void> remove_directory_at(const std::string& path) const;
  FileResult<void> rename_at(const std::string& old_path, const Descriptor& new_directory,
                             const std::string& new_path) const;
  FileResult<void> symlink_at(const std::string& old_path, const std::string& new_path) const;
  FileResult<void> unlink_file_at(const std::string& path) const;
  FileResult<MetadataHash> metadata_hash_at(PathFlags path_flags, const std::string& path) const;

 private:
  // A name in a directory: where something is made, removed or renamed.
  struct Place {
    FileDescriptor folder;
    std::string name;    // without `/`; "." when the path ends in `.` or `..`: then it is the folder itself
    bool slash = false;  // the path ends with `/`: it must be a directory
  };

  Descriptor(std::shared_ptr<const OpenFile> file, DescriptorType type, DescriptorFlags flags, bool writable,
             std::shared_ptr<OpenFileLimit> limit, std::shared_ptr<DiskQuota> quota)
      : file_(std::move(file)),
        type_(type),
        flags_(flags),
        writable_(writable),
        limit_(std::move(limit)),
        quota_(std::move(quota)) {}
  FileResult<void> check_is_file() const;
  // That it is a file opened for writing.
  FileResult<void> check_write() const;
  // That it is a directory and `path` may be resolved in it.
  FileResult<void> check_path(const std::string& path) const;
  // The same, for what changes something.
  FileResult<void> check_change(const std::string& path) const;
  // Makes a name by `call`, which returns 0 or sets errno, if the quota has room for it.
  template <class Call>
  FileResult<void> make_entry(Call call) const;
  FileResult<Place> place_of(const std::string& path) const;
  // A place for a new link, which cannot be a directory.
  FileResult<Place> place_of_link(const std::string& path) const;
  FileResult<FileDescriptor> look_up(PathFlags path_flags, const std::string& path) const;
  FileResult<bind::Own<Descriptor>> open_directory(const FileDescriptor& seen, std::shared_ptr<OpenFile> file,
                                                   DescriptorFlags flags) const;

  std::shared_ptr<const OpenFile> file_;
  DescriptorType type_;  // regular-file or directory
  DescriptorFlags flags_;
  bool writable_;  // the mount is
  std::shared_ptr<OpenFileLimit> limit_;
  std::shared_ptr<DiskQuota> quota_;
};

}  // namespace weft::wasi
