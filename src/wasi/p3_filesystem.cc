// wasi:filesystem 0.3: types, preopens. The work is in Descriptor, as for 0.2: nothing waits, so that every function
// whose type is async returns at once.
#include "wasi/descriptor.h"
#include "wasi/p3.h"
#include "wasi/p3_file_streams.h"
#include "wasi/preopens.h"

namespace weft::wasi::p3 {
namespace {

using bind::Borrow;
using bind::Future;
using bind::Host;
using bind::Own;
using Self = Borrow<Descriptor>;

template <class T>
FileResult<T> to_p3(wasi::FileResult<T> result) {
  if (!result) return std::unexpected(converted(result.error()));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}

FileResult<DescriptorStat> to_p3(const wasi::FileResult<wasi::DescriptorStat>& result) {
  if (!result) return std::unexpected(converted(result.error()));
  return converted(*result);
}

// ---- what is open ----

std::tuple<Bytes, Future<FileOutcome>> read_via_stream(Host, Self self, std::uint64_t offset) {
  return read_file(self->read_via_stream(offset));
}
Future<FileOutcome> write_via_stream(Host host, Self self, Bytes data, std::uint64_t offset) {
  return write_file(host.context().loop(), self->write_via_stream(offset), std::move(data));
}
Future<FileOutcome> append_via_stream(Host host, Self self, Bytes data) {
  return write_file(host.context().loop(), self->append_via_stream(), std::move(data));
}
FileResult<void> advise(Host, Self self, std::uint64_t offset, std::uint64_t length, Advice advice) {
  return to_p3(self->advise(offset, length, advice));
}
FileResult<void> sync_data(Host, Self self) {
  return to_p3(self->sync_data());
}
FileResult<DescriptorFlags> get_flags(Host, Self self) {
  return self->flags();
}
FileResult<DescriptorType> get_type(Host, Self self) {
  return converted(self->type());
}
FileResult<void> set_size(Host, Self self, std::uint64_t size) {
  return to_p3(self->set_size(size));
}
FileResult<void> set_times(Host, Self self, NewTimestamp accessed, NewTimestamp modified) {
  const auto access = converted(accessed), modification = converted(modified);
  if (!access || !modification) return std::unexpected(converted(ErrorCode::invalid));
  return to_p3(self->set_times(*access, *modification));
}
std::tuple<bind::Stream<DirectoryEntry>, Future<FileOutcome>> read_directory(Host, Self self) {
  return list_directory(self->read_directory());
}
FileResult<void> sync(Host, Self self) {
  return to_p3(self->sync());
}
FileResult<DescriptorStat> stat(Host, Self self) {
  return to_p3(self->stat());
}
bool is_same_object(Host, Self self, Self other) {
  return self->is_same_object(*other);
}
FileResult<MetadataHash> metadata_hash(Host, Self self) {
  return to_p3(self->metadata_hash());
}

// ---- what lies below ----

FileResult<void> create_directory_at(Host, Self self, std::string path) {
  return to_p3(self->create_directory_at(path));
}
FileResult<DescriptorStat> stat_at(Host, Self self, PathFlags flags, std::string path) {
  return to_p3(self->stat_at(flags, path));
}
FileResult<void> set_times_at(Host, Self self, PathFlags flags, std::string path, NewTimestamp accessed,
                              NewTimestamp modified) {
  const auto access = converted(accessed), modification = converted(modified);
  if (!access || !modification) return std::unexpected(converted(ErrorCode::invalid));
  return to_p3(self->set_times_at(flags, path, *access, *modification));
}
FileResult<void> link_at(Host, Self self, PathFlags old_flags, std::string old_path, Self new_directory,
                         std::string new_path) {
  return to_p3(self->link_at(old_flags, old_path, *new_directory, new_path));
}
FileResult<Own<Descriptor>> open_at(Host, Self self, PathFlags path_flags, std::string path, OpenFlags open_flags,
                                    DescriptorFlags flags) {
  return to_p3(self->open_at(path_flags, path, open_flags, flags));
}
FileResult<std::string> readlink_at(Host, Self self, std::string path) {
  return to_p3(self->readlink_at(path));
}
FileResult<void> remove_directory_at(Host, Self self, std::string path) {
  return to_p3(self->remove_directory_at(path));
}
FileResult<void> rename_at(Host, Self self, std::string old_path, Self new_directory, std::string new_path) {
  return to_p3(self->rename_at(old_path, *new_directory, new_path));
}
FileResult<void> symlink_at(Host, Self self, std::string old_path, std::string new_path) {
  return to_p3(self->symlink_at(old_path, new_path));
}
FileResult<void> unlink_file_at(Host, Self self, std::string path) {
  return to_p3(self->unlink_file_at(path));
}
FileResult<MetadataHash> metadata_hash_at(Host, Self self, PathFlags flags, std::string path) {
  return to_p3(self->metadata_hash_at(flags, path));
}

}  // namespace

void add_filesystem(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:filesystem/types@" + std::string(version))
      .resource<Descriptor>()
      .func<&read_via_stream>("[method]descriptor.read-via-stream")
      .func<&write_via_stream>("[method]descriptor.write-via-stream")
      .func<&append_via_stream>("[method]descriptor.append-via-stream")
      .async_func<&advise>("[method]descriptor.advise")
      .async_func<&sync_data>("[method]descriptor.sync-data")
      .async_func<&get_flags>("[method]descriptor.get-flags")
      .async_func<&get_type>("[method]descriptor.get-type")
      .async_func<&set_size>("[method]descriptor.set-size")
      .async_func<&set_times>("[method]descriptor.set-times")
      .func<&read_directory>("[method]descriptor.read-directory")
      .async_func<&sync>("[method]descriptor.sync")
      .async_func<&create_directory_at>("[method]descriptor.create-directory-at")
      .async_func<&stat>("[method]descriptor.stat")
      .async_func<&stat_at>("[method]descriptor.stat-at")
      .async_func<&set_times_at>("[method]descriptor.set-times-at")
      .async_func<&link_at>("[method]descriptor.link-at")
      .async_func<&open_at>("[method]descriptor.open-at")
      .async_func<&readlink_at>("[method]descriptor.readlink-at")
      .async_func<&remove_directory_at>("[method]descriptor.remove-directory-at")
      .async_func<&rename_at>("[method]descriptor.rename-at")
      .async_func<&symlink_at>("[method]descriptor.symlink-at")
      .async_func<&unlink_file_at>("[method]descriptor.unlink-file-at")
      .async_func<&is_same_object>("[method]descriptor.is-same-object")
      .async_func<&metadata_hash>("[method]descriptor.metadata-hash")
      .async_func<&metadata_hash_at>("[method]descriptor.metadata-hash-at");
  registry.interface("wasi:filesystem/preopens@" + std::string(version)).func<&get_directories>("get-directories");
}

}  // namespace weft::wasi::p3
