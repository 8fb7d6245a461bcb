#include "wasi/open_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "util/error.h"

namespace weft::wasi {
namespace {

// Bytes from `offset` on that a file could have.
std::size_t room_at(std::uint64_t offset, std::size_t wanted) {
  constexpr std::uint64_t end = INT64_MAX;
  return offset >= end ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(wanted, end - offset));
}

template <class Call>
FileResult<std::size_t> retry(Call call) {
  for (;;) {
    const ssize_t done = call();
    if (done >= 0) return static_cast<std::size_t>(done);
    if (errno != EINTR) return file_error();
  }
}

}  // namespace

std::shared_ptr<OpenFileLimit> OpenFileLimit::of_process() {
  constexpr rlim_t unlimited_means = 1 << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 1024;  // the usual limit of a Linux process
  const auto most = static_cast<std::uint32_t>(std::min(limit.rlim_cur, unlimited_means) / 4);
  return std::make_shared<OpenFileLimit>(most, nullptr);
}

bool OpenFileLimit::take() noexcept {
  if (used_.fetch_add(1, std::memory_order_relaxed) < most_ && (above_ == nullptr || above_->take())) return true;
  used_.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void OpenFileLimit::give_back() noexcept {
  used_.fetch_sub(1, std::memory_order_relaxed);
  if (above_ != nullptr) above_->give_back();
}

std::shared_ptr<OpenFile> OpenFile::reserve(std::shared_ptr<OpenFileLimit> limit, std::shared_ptr<DiskQuota> quota) {
  if (limit != nullptr && !limit->take()) return nullptr;
  return std::shared_ptr<OpenFile>(new OpenFile(std::move(limit), std::move(quota)));
}

FileResult<std::size_t> OpenFile::read_at(std::span<std::byte> out, std::uint64_t offset) const {
  // As POSIX has it of a negative offset.
  if (offset > INT64_MAX) return file_error(ErrorCode::invalid);
  const std::size_t size = room_at(offset, out.size());
  if (size == 0) return 0;
  return retry([&] { return pread(fd(), out.data(), size, static_cast<off_t>(offset)); });
}

FileResult<std::uint64_t> OpenFile::growth_to(std::uint64_t end) const {
  struct stat status;
  if (fstat(fd(), &status) != 0) return file_error();
  const auto size = static_cast<std::uint64_t>(status.st_size);
  return end > size ? end - size : 0;
}

FileResult<std::size_t> OpenFile::write_at(std::span<const std::byte> bytes, std::uint64_t offset) const {
  if (bytes.empty()) return 0;
  std::size_t size = room_at(offset, bytes.size());
  if (size == 0) return file_error(ErrorCode::file_too_large);
  std::uint64_t hole = 0;
  if (quota_ != nullptr) {
    // What is skipped reads as zeros, and may be as good as written.
    TRY(hole, growth_to(offset));
    if (!quota_->take(hole)) return file_error(ErrorCode::quota);
    size = static_cast<std::size_t>(quota_->take_up_to(size));
    if (size == 0) {
      quota_->give_back(hole);
      return file_error(ErrorCode::quota);
    }
  }
  auto put = retry([&] { return pwrite(fd(), bytes.data(), size, static_cast<off_t>(offset)); });
  if (quota_ != nullptr) quota_->give_back(put ? size - *put : size + hole);
  return put;
}

FileResult<std::size_t> OpenFile::append(std::span<const std::byte> bytes) const {
  if (bytes.empty()) return 0;
  const std::size_t size = quota_ == nullptr ? bytes.size() : quota_->take_up_to(bytes.size());
  if (size == 0) return file_error(ErrorCode::quota);
  const iovec piece{const_cast<std::byte*>(bytes.data()), size};
  auto put = retry([&] { return pwritev2(fd(), &piece, 1, 0, RWF_APPEND); });
  if (quota_ != nullptr) quota_->give_back(put ? size - *put : size);
  return put;
}

FileResult<void> OpenFile::resize(std::uint64_t size) const {
  if (size > INT64_MAX) return file_error(ErrorCode::file_too_large);
  std::uint64_t growth = 0;
  if (quota_ != nullptr) {
    TRY(growth, growth_to(size));
    if (!quota_->take(growth)) return file_error(ErrorCode::quota);
  }
  if (ftruncate(fd(), static_cast<off_t>(size)) == 0) return {};
  const int error = errno;
  if (quota_ != nullptr) quota_->give_back(growth);
  return file_error(error_code_of(error));
}

OpenFile::~OpenFile() {
  // The place is free only when the descriptor is.
  descriptor = FileDescriptor();
  if (limit_ != nullptr) limit_->give_back();
}

}  // namespace weft::wasi
