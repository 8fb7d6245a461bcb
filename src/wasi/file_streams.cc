#include "wasi/file_streams.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "util/utf8.h"

namespace weft::wasi {
namespace {

StreamError failed(ErrorCode code) {
  return LastOperationFailed{std::make_unique<FileError>(code)};
}

DescriptorType type_of_entry(int folder, const dirent64& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return DescriptorType::regular_file;
    case DT_DIR:
      return DescriptorType::directory;
    case DT_LNK:
      return DescriptorType::symbolic_link;
    case DT_FIFO:
      return DescriptorType::fifo;
    case DT_SOCK:
      return DescriptorType::socket;
    case DT_BLK:
      return DescriptorType::block_device;
    case DT_CHR:
      return DescriptorType::character_device;
    default:
      break;
  }
  // Not every file system knows.
  struct stat status;
  if (fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return DescriptorType::unknown;
  return descriptor_type_of(status.st_mode);
}

}  // namespace

FileError::FileError(ErrorCode code)
    : IoError("the file operation failed: " + std::string(weft_labels(code)[static_cast<std::size_t>(code)])),
      code_(code) {}

DescriptorType descriptor_type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return DescriptorType::regular_file;
    case S_IFDIR:
      return DescriptorType::directory;
    case S_IFLNK:
      return DescriptorType::symbolic_link;
    case S_IFIFO:
      return DescriptorType::fifo;
    case S_IFSOCK:
      return DescriptorType::socket;
    case S_IFBLK:
      return DescriptorType::block_device;
    case S_IFCHR:
      return DescriptorType::character_device;
    default:
      return DescriptorType::unknown;
  }
}

StreamResult<std::vector<std::byte>> FileInput::read(std::uint64_t max) {
  if (file_ == nullptr) return std::unexpected(Closed{});
  if (max == 0) return {};
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(max, max_read_bytes)));
  const auto got = file_->read_at(bytes, offset_);
  if (!got || *got == 0) {
    file_.reset();
    if (got) return std::unexpected(Closed{});
    return std::unexpected(failed(got.error()));
  }
  bytes.resize(*got);
  offset_ += *got;
  return bytes;
}

StreamResult<std::uint64_t> FileOutput::check_write() {
  if (file_ == nullptr) return std::unexpected(Closed{});
  return max_write_permit;
}

StreamResult<void> FileOutput::write(std::span<const std::byte> bytes) {
  if (file_ == nullptr) return std::unexpected(Closed{});
  while (!bytes.empty()) {
    const auto put = offset_ ? file_->write_at(bytes, *offset_) : file_->append(bytes);
    if (!put) {
      file_.reset();
      return std::unexpected(failed(put.error()));
    }
    if (offset_) *offset_ += *put;
    bytes = bytes.subspan(*put);
  }
  return {};
}

StreamResult<void> FileOutput::flush() {
  if (file_ == nullptr) return std::unexpected(Closed{});
  return {};  // written bytes are with the kernel already
}

FileResult<std::optional<DirectoryEntry>> DirectoryEntryStream::next() {
  constexpr std::size_t buffer_bytes = 16 << 10;
  for (;;) {
    if (at_ == buffer_.size()) {
      buffer_.resize(buffer_bytes);
      const long got = syscall(SYS_getdents64, folder_->fd(), buffer_.data(), buffer_.size());
      const int error = errno;
      buffer_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
      at_ = 0;
      if (got < 0) return file_error(error_code_of(error));
      if (got == 0) return std::nullopt;
    }
    // The kernel's own records: aligned, whole, their names ended by NUL.
    const auto& entry = *reinterpret_cast<const dirent64*>(buffer_.data() + at_);
    at_ += entry.d_reclen;
    const std::string_view name = entry.d_name;
    if (name == "." || name == "..") continue;
    if (!is_utf8(name)) return file_error(ErrorCode::illegal_byte_sequence);
    inode_ = entry.d_ino;
    return DirectoryEntry{type_of_entry(folder_->fd(), entry), std::string(name)};
  }
}

}  // namespace weft::wasi
