// Streams over open files, and over the entries of a directory.
//
// Reads and writes go to the disk on the loop's thread, in pieces of at most 64 KiB; nothing here waits for anything
// else: only regular files and directories are ever opened.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "wasi/error_code.h"
#include "wasi/file_types.h"
#include "wasi/open_file.h"
#include "wasi/streams.h"

namespace weft::wasi {

// What a stream over a file failed with; filesystem-error-code finds the code in it.
class FileError final : public IoError {
 public:
  explicit FileError(ErrorCode code);
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// read-via-stream. Keeps the file open.
class FileInput final : public InputStream {
 public:
  FileInput(std::shared_ptr<const OpenFile> file, std::uint64_t offset) : file_(std::move(file)), offset_(offset) {}
  StreamResult<std::vector<std::byte>> read(std::uint64_t max) override;
  std::shared_ptr<host::Pollable> readiness() override { return always_ready(); }

 private:
  std::shared_ptr<const OpenFile> file_;  // null once the stream is closed
  std::uint64_t offset_;
};

// write-via-stream, or append-via-stream when there is no offset. Keeps the file open.
class FileOutput final : public OutputStream {
 public:
  FileOutput(std::shared_ptr<const OpenFile> file, std::optional<std::uint64_t> offset)
      : file_(std::move(file)), offset_(offset) {}
  StreamResult<std::uint64_t> check_write() override;
  StreamResult<void> write(std::span<const std::byte> bytes) override;
  StreamResult<void> flush() override;
  std::shared_ptr<host::Pollable> readiness() override { return always_ready(); }

 private:
  std::shared_ptr<const OpenFile> file_;  // null once the stream is closed
  std::optional<std::uint64_t> offset_;
};

// resource directory-entry-stream
class DirectoryEntryStream final : public host::Resource {
 public:
  static constexpr const char* resource_name = "directory-entry-stream";
  // `folder`: opened for this stream alone, its position is the stream's.
  explicit DirectoryEntryStream(std::shared_ptr<const OpenFile> folder) : folder_(std::move(folder)) {}
  // The next entry without `.` and `..`; none at the end. A name that is not UTF-8 cannot be passed: it is
  // illegal-byte-sequence once, and the stream goes on.
  FileResult<std::optional<DirectoryEntry>> next();
  // Of the entry that next() gave last.
  std::uint64_t inode() const { return inode_; }

 private:
  std::shared_ptr<const OpenFile> folder_;
  std::vector<std::byte> buffer_;  // what the kernel gave, from at_ on not yet passed on
  std::size_t at_ = 0;
  std::uint64_t inode_ = 0;
};

// From the file type bits of a mode.
DescriptorType descriptor_type_of(mode_t mode);

}  // namespace weft::wasi
