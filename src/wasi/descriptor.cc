#include "wasi/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "wasi/file_status.h"

namespace weft::wasi {
namespace {

constexpr std::uint64_t max_offset = INT64_MAX;

constexpr unsigned bit(unsigned flag) {
  return 1u << flag;
}

int kernel_advice(Advice advice) {
  switch (advice) {
    case Advice::normal:
      return POSIX_FADV_NORMAL;
    case Advice::sequential:
      return POSIX_FADV_SEQUENTIAL;
    case Advice::random:
      return POSIX_FADV_RANDOM;
    case Advice::will_need:
      return POSIX_FADV_WILLNEED;
    case Advice::dont_need:
      return POSIX_FADV_DONTNEED;
    case Advice::no_reuse:
      return POSIX_FADV_NOREUSE;
  }
  return POSIX_FADV_NORMAL;
}

}  // namespace

Descriptor::Descriptor(const Mount& mount, std::shared_ptr<OpenFileLimit> limit, std::shared_ptr<DiskQuota> quota)
    : Descriptor(mount.folder, DescriptorType::directory,
                 {bit(descriptor_flag::read) | (mount.writable ? bit(descriptor_flag::mutate_directory) : 0)},
                 mount.writable, std::move(limit), std::move(quota)) {}

FileResult<void> Descriptor::check_is_file() const {
  if (type_ == DescriptorType::directory) return file_error(ErrorCode::is_directory);
  return {};
}

FileResult<void> Descriptor::check_write() const {
  CHECK_OK(check_is_file());
  if (!writable_) return file_error(ErrorCode::read_only);
  if (!flags_.has(descriptor_flag::write)) return file_error(ErrorCode::bad_descriptor);
  return {};
}

FileResult<bind::Own<InputStream>> Descriptor::read_via_stream(std::uint64_t offset) const {
  CHECK_OK(check_is_file());
  if (!flags_.has(descriptor_flag::read)) return file_error(ErrorCode::bad_descriptor);
  return std::make_unique<FileInput>(file_, offset);
}

FileResult<bind::Own<OutputStream>> Descriptor::write_via_stream(std::uint64_t offset) const {
  CHECK_OK(check_write());
  return std::make_unique<FileOutput>(file_, offset);
}

FileResult<bind::Own<OutputStream>> Descriptor::append_via_stream() const {
  CHECK_OK(check_write());
  return std::make_unique<FileOutput>(file_, std::nullopt);
}

FileResult<void> Descriptor::advise(std::uint64_t offset, std::uint64_t length, Advice advice) const {
  if (type_ == DescriptorType::directory) return file_error(ErrorCode::bad_descriptor);
  if (offset > max_offset || length > max_offset) return file_error(ErrorCode::invalid);
  const int error =
      posix_fadvise(file_->fd(), static_cast<off_t>(offset), static_cast<off_t>(length), kernel_advice(advice));
  if (error != 0) return file_error(error_code_of(error));
  return {};
}

FileResult<void> Descriptor::sync_data() const {
  const bool may_have_changed = type_ == DescriptorType::directory ? writable_ : flags_.has(descriptor_flag::write);
  if (may_have_changed && fdatasync(file_->fd()) != 0) return file_error();
  return {};
}

FileResult<void> Descriptor::sync() const {
  const bool may_have_changed = type_ == DescriptorType::directory ? writable_ : flags_.has(descriptor_flag::write);
  if (may_have_changed && fsync(file_->fd()) != 0) return file_error();
  return {};
}

FileResult<void> Descriptor::set_size(std::uint64_t size) const {
  CHECK_OK(check_write());
  return file_->resize(size);
}

FileResult<void> Descriptor::set_times(const NewTimestamp& accessed, const NewTimestamp& modified) const {
  if (!writable_) return file_error(ErrorCode::read_only);
  TRY(const FileTimes times, file_times(accessed, modified));
  if (futimens(file_->fd(), times.data()) != 0) return file_error();
  return {};
}

FileResult<std::size_t> Descriptor::read_into(std::span<std::byte> out, std::uint64_t offset) const {
  CHECK_OK(check_is_file());
  if (!flags_.has(descriptor_flag::read)) return file_error(ErrorCode::bad_descriptor);
  return file_->read_at(out.first(std::min<std::size_t>(out.size(), max_read_bytes)), offset);
}

FileResult<std::tuple<Descriptor::Bytes, bool>> Descriptor::read(std::uint64_t length, std::uint64_t offset) const {
  Bytes bytes(static_cast<std::size_t>(std::min(length, max_read_bytes)));
  TRY(const std::size_t got, read_into(bytes, offset));
  // Of a regular file, fewer bytes than asked for means its end.
  const bool at_end = got < bytes.size();
  bytes.resize(got);
  return std::tuple(std::move(bytes), at_end);
}

FileResult<std::uint64_t> Descriptor::write(std::span<const std::byte> bytes, std::uint64_t offset) const {
  CHECK_OK(check_write());
  TRY(const std::size_t put,
      file_->write_at(bytes.first(std::min<std::size_t>(bytes.size(), max_write_permit)), offset));
  return put;
}

FileResult<std::size_t> Descriptor::append(std::span<const std::byte> bytes) const {
  CHECK_OK(check_write());
  return file_->append(bytes.first(std::min<std::size_t>(bytes.size(), max_write_permit)));
}

FileResult<bind::Own<DirectoryEntryStream>> Descriptor::read_directory() const {
  if (type_ != DescriptorType::directory) return file_error(ErrorCode::not_directory);
  auto folder = OpenFile::reserve(limit_);
  if (folder == nullptr) return file_error(ErrorCode::insufficient_memory);
  folder->descriptor = FileDescriptor(openat(file_->fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder->descriptor) return file_error();
  return std::make_unique<DirectoryEntryStream>(std::move(folder));
}

FileResult<struct stat> Descriptor::status() const {
  return status_of(file_->fd());
}

FileResult<DescriptorStat> Descriptor::stat() const {
  TRY(const struct stat found, status());
  return to_descriptor_stat(found);
}

bool Descriptor::is_same_object(const Descriptor& other) const {
  const auto a = status_of(file_->fd());
  const auto b = status_of(other.file_->fd());
  return a && b && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

FileResult<MetadataHash> Descriptor::metadata_hash() const {
  TRY(const struct stat status, status_of(file_->fd()));
  return hash_of(status);
}

}  // namespace weft::wasi
