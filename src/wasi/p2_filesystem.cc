// wasi:filesystem 0.2: types, preopens. The work is in Descriptor; here each function has its place in the interface.
#include "wasi/descriptor.h"
#include "wasi/p2.h"
#include "wasi/preopens.h"

namespace weft::wasi {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Self = Borrow<Descriptor>;
using Contents = std::span<const std::byte>;

// ---- descriptor: what is open ----

FileResult<Own<InputStream>> read_via_stream(Host, Self self, std::uint64_t offset) {
  return self->read_via_stream(offset);
}
FileResult<Own<OutputStream>> write_via_stream(Host, Self self, std::uint64_t offset) {
  return self->write_via_stream(offset);
}
FileResult<Own<OutputStream>> append_via_stream(Host, Self self) {
  return self->append_via_stream();
}
FileResult<void> advise(Host, Self self, std::uint64_t offset, std::uint64_t length, Advice advice) {
  return self->advise(offset, length, advice);
}
FileResult<void> sync_data(Host, Self self) {
  return self->sync_data();
}
FileResult<DescriptorFlags> get_flags(Host, Self self) {
  return self->flags();
}
FileResult<DescriptorType> get_type(Host, Self self) {
  return self->type();
}
FileResult<void> set_size(Host, Self self, std::uint64_t size) {
  return self->set_size(size);
}
FileResult<void> set_times(Host, Self self, NewTimestamp accessed, NewTimestamp modified) {
  return self->set_times(accessed, modified);
}
FileResult<std::tuple<Descriptor::Bytes, bool>> read(Host, Self self, std::uint64_t length, std::uint64_t offset) {
  return self->read(length, offset);
}
FileResult<std::uint64_t> write(Host, Self self, Contents buffer, std::uint64_t offset) {
  return self->write(buffer, offset);
}
FileResult<Own<DirectoryEntryStream>> read_directory(Host, Self self) {
  return self->read_directory();
}
FileResult<void> sync(Host, Self self) {
  return self->sync();
}
FileResult<DescriptorStat> stat(Host, Self self) {
  return self->stat();
}
bool is_same_object(Host, Self self, Self other) {
  return self->is_same_object(*other);
}
FileResult<MetadataHash> metadata_hash(Host, Self self) {
  return self->metadata_hash();
}

// ---- descriptor: what lies below ----

FileResult<void> create_directory_at(Host, Self self, std::string path) {
  return self->create_directory_at(path);
}
FileResult<DescriptorStat> stat_at(Host, Self self, PathFlags flags, std::string path) {
  return self->stat_at(flags, path);
}
FileResult<void> set_times_at(Host, Self self, PathFlags flags, std::string path, NewTimestamp accessed,
                              NewTimestamp modified) {
  return self->set_times_at(flags, path, accessed, modified);
}
FileResult<void> link_at(Host, Self self, PathFlags old_flags, std::string old_path, Self new_directory,
                         std::string new_path) {
  return self->link_at(old_flags, old_path, *new_directory, new_path);
}
FileResult<Own<Descriptor>> open_at(Host, Self self, PathFlags path_flags, std::string path, OpenFlags open_flags,
                                    DescriptorFlags flags) {
  return self->open_at(path_flags, path, open_flags, flags);
}
FileResult<std::string> readlink_at(Host, Self self, std::string path) {
  return self->readlink_at(path);
}
FileResult<void> remove_directory_at(Host, Self self, std::string path) {
  return self->remove_directory_at(path);
}
FileResult<void> rename_at(Host, Self self, std::string old_path, Self new_directory, std::string new_path) {
  return self->rename_at(old_path, *new_directory, new_path);
}
FileResult<void> symlink_at(Host, Self self, std::string old_path, std::string new_path) {
  return self->symlink_at(old_path, new_path);
}
FileResult<void> unlink_file_at(Host, Self self, std::string path) {
  return self->unlink_file_at(path);
}
FileResult<MetadataHash> metadata_hash_at(Host, Self self, PathFlags flags, std::string path) {
  return self->metadata_hash_at(flags, path);
}

// ---- of October ----

// The modes would be those of the host's own users, who have nothing to do with the guest's.
FileResult<Own<Descriptor>> open_at_with_modes(Host, Self self, PathFlags path_flags, std::string path,
                                               OpenFlags open_flags, DescriptorFlags flags, Modes) {
  return self->open_at(path_flags, path, open_flags, flags);
}
// What the candidate had and no later version has: nothing here does it.
FileResult<void> access_at(Host, Self, PathFlags, std::string, AccessType) {
  return file_error(ErrorCode::unsupported);
}
FileResult<void> change_permissions_at(Host, Self, PathFlags, std::string, Modes) {
  return file_error(ErrorCode::unsupported);
}
FileResult<void> lock(Host, Self) {
  return file_error(ErrorCode::unsupported);
}

// ---- directory-entry-stream, and the functions of the interface itself ----

FileResult<std::optional<DirectoryEntry>> read_directory_entry(Host, Borrow<DirectoryEntryStream> self) {
  return self->next();
}

std::optional<ErrorCode> filesystem_error_code(Host, Borrow<IoError> error) {
  const auto* of_file = dynamic_cast<const FileError*>(&*error);
  if (of_file == nullptr) return std::nullopt;
  return of_file->code();
}

}  // namespace

void p2::add_filesystem(bind::Registry& registry, std::string_view version) {
  auto& types = registry.interface(versioned("wasi:filesystem/types", version));
  types.resource<Descriptor>()
      .resource<DirectoryEntryStream>()
      .func<&read_via_stream>("[method]descriptor.read-via-stream")
      .func<&write_via_stream>("[method]descriptor.write-via-stream")
      .func<&append_via_stream>("[method]descriptor.append-via-stream")
      .func<&advise>("[method]descriptor.advise")
      .func<&sync_data>("[method]descriptor.sync-data")
      .func<&get_flags>("[method]descriptor.get-flags")
      .func<&get_type>("[method]descriptor.get-type")
      .func<&set_size>("[method]descriptor.set-size")
      .func<&set_times>("[method]descriptor.set-times")
      .func<&read>("[method]descriptor.read")
      .func<&write>("[method]descriptor.write")
      .func<&read_directory>("[method]descriptor.read-directory")
      .func<&sync>("[method]descriptor.sync")
      .func<&create_directory_at>("[method]descriptor.create-directory-at")
      .func<&stat>("[method]descriptor.stat")
      .func<&stat_at>("[method]descriptor.stat-at")
      .func<&set_times_at>("[method]descriptor.set-times-at")
      .func<&link_at>("[method]descriptor.link-at")
      .func<&readlink_at>("[method]descriptor.readlink-at")
      .func<&remove_directory_at>("[method]descriptor.remove-directory-at")
      .func<&rename_at>("[method]descriptor.rename-at")
      .func<&symlink_at>("[method]descriptor.symlink-at")
      .func<&unlink_file_at>("[method]descriptor.unlink-file-at")
      .func<&is_same_object>("[method]descriptor.is-same-object")
      .func<&metadata_hash>("[method]descriptor.metadata-hash")
      .func<&metadata_hash_at>("[method]descriptor.metadata-hash-at")
      .func<&read_directory_entry>("[method]directory-entry-stream.read-directory-entry")
      .func<&filesystem_error_code>("filesystem-error-code");
  if (version == p2_october) {
    types.func<&open_at_with_modes>("[method]descriptor.open-at")
        .func<&access_at>("[method]descriptor.access-at")
        .func<&change_permissions_at>("[method]descriptor.change-file-permissions-at")
        .func<&change_permissions_at>("[method]descriptor.change-directory-permissions-at")
        .func<&lock>("[method]descriptor.lock-shared")
        .func<&lock>("[method]descriptor.lock-exclusive")
        .func<&lock>("[method]descriptor.try-lock-shared")
        .func<&lock>("[method]descriptor.try-lock-exclusive")
        .func<&lock>("[method]descriptor.unlock");
  } else {
    types.func<&open_at>("[method]descriptor.open-at");
  }
  registry.interface(versioned("wasi:filesystem/preopens", version)).func<&get_directories>("get-directories");
}

}  // namespace weft::wasi
