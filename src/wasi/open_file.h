// Files of the host that guests have open, counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "util/file_descriptor.h"
#include "util/pinned.h"
#include "wasi/disk_quota.h"
#include "wasi/error_code.h"

namespace weft::wasi {

// Files one instance may have open, streams and directory streams included: far beyond what programs need, and a guest
// that opens files without end meets it soon.
inline constexpr std::uint32_t max_open_files = 256;

// How many files may be open: one of the process, and below it one of each instance. Thread-safe.
class OpenFileLimit : Pinned {
 public:
  // `above` may be null; it outlives this one.
  OpenFileLimit(std::uint32_t most, std::shared_ptr<OpenFileLimit> above) : most_(most), above_(std::move(above)) {}
  // Of the whole process: a quarter of its descriptors, so that connections and the host's own files keep the rest.
  static std::shared_ptr<OpenFileLimit> of_process();

  virtual ~OpenFileLimit() = default;

  // False: no more.
  virtual bool take() noexcept;
  virtual void give_back() noexcept;
  std::uint32_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::uint32_t most_;
  const std::shared_ptr<OpenFileLimit> above_;
  std::atomic<std::uint32_t> used_ = 0;
};

// A file or directory, shared by a descriptor and the streams made of it.
class OpenFile : Pinned {
 public:
  // Room for a file that is about to be opened: set `descriptor` once it is. Null: the limit is reached. `limit` may be
  // null, for files that are the host's own, and `quota` where nothing is written.
  static std::shared_ptr<OpenFile> reserve(std::shared_ptr<OpenFileLimit> limit,
                                           std::shared_ptr<DiskQuota> quota = nullptr);
  ~OpenFile();

  int fd() const { return descriptor.get(); }
  // pread, pwrite: the bytes done; a read of 0 is the end. Offsets no file can have are past the end, or too large.
  // What is written counts in the quota, and so does what is skipped past the end. Fewer bytes are done than asked for
  // when fewer are left; no byte is `quota`.
  FileResult<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset) const;
  FileResult<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) const;
  // A write at the end, wherever it is by then.
  FileResult<std::size_t> append(std::span<const std::byte> bytes) const;
  // ftruncate.
  FileResult<void> resize(std::uint64_t size) const;

  FileDescriptor descriptor;

 private:
  OpenFile(std::shared_ptr<OpenFileLimit> limit, std::shared_ptr<DiskQuota> quota)
      : limit_(std::move(limit)), quota_(std::move(quota)) {}
  // Bytes by which the file grows when it ends at `end`.
  FileResult<std::uint64_t> growth_to(std::uint64_t end) const;

  std::shared_ptr<OpenFileLimit> limit_;
  std::shared_ptr<DiskQuota> quota_;
};

}  // namespace weft::wasi
