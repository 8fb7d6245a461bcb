#include "content/store.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace weft::content {
namespace {

constexpr std::size_t piece_bytes = 128 << 10;

std::unexpected<Error> too_large(const Ref& ref, std::uint64_t size, std::uint64_t limit) {
  return fail(Errc::limit,
              ref.path + " has " + std::to_string(size) + " bytes; the limit is " + std::to_string(limit) + " bytes");
}

std::unexpected<Error> other_digest(const Ref& ref, const Sha256& found) {
  return fail(Errc::invalid, ref.path + " is not what it should be: its SHA-256 is " + hex(found) + ", expected " +
                                 hex(*ref.digest) + "; get it again, or correct the digest");
}

std::unexpected<Error> io_error(const Ref& ref, std::string_view doing) {
  return std::unexpected(Error::from_errno(std::string(doing) + " " + ref.path, errno));
}

// For memory that has not been touched yet: a large page costs one fault in place of 512. A wish, so errors are
// ignored.
void prefer_large_pages(std::byte* begin, std::size_t size) {
  constexpr std::uintptr_t large_page = 2 << 20;
  const auto first = (reinterpret_cast<std::uintptr_t>(begin) + large_page - 1) / large_page * large_page;
  const auto end = (reinterpret_cast<std::uintptr_t>(begin) + size) / large_page * large_page;
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

// Reads until `out` is full or the file ends; returns the bytes, or -1.
ssize_t read_full(int file, std::span<std::byte> out, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = pread(file, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

bool write_full(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

// Errors by which the kernel says that it cannot copy between these two files; any copy can be made by hand.
bool cannot_copy_in_kernel(int error) {
  return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM ||
         error == EBADF || error == ETXTBSY;
}

// The rest of `from` after `done` bytes, through memory. False: errno says why.
bool copy_by_hand(int from, int to, std::uint64_t& done, std::uint64_t max_bytes) {
  std::vector<std::byte> piece(piece_bytes);
  while (done <= max_bytes) {
    const ssize_t got = read_full(from, piece, done);
    if (got < 0 || !write_full(to, std::span(piece).first(static_cast<std::size_t>(got)))) return false;
    done += static_cast<std::uint64_t>(got);
    if (got < static_cast<ssize_t>(piece_bytes)) return true;
  }
  return true;
}

// Stops soon after max_bytes: the file may grow meanwhile.
bool copy_all(int from, int to, std::uint64_t& done, std::uint64_t max_bytes) {
  if (ioctl(to, FICLONE, from) == 0) {
    struct stat status;
    if (fstat(to, &status) != 0) return false;
    done = static_cast<std::uint64_t>(status.st_size);
    return true;
  }
  while (done <= max_bytes) {
    auto at = static_cast<off64_t>(done);
    const ssize_t moved = copy_file_range(from, &at, to, nullptr, std::size_t{1} << 30, 0);
    if (moved > 0) {
      done += static_cast<std::uint64_t>(moved);
    } else if (moved == 0 && done > 0) {
      return true;
    } else if (moved == 0 || cannot_copy_in_kernel(errno)) {
      // Nothing at the beginning need not be the end: some file systems answer 0 for files they make up.
      return copy_by_hand(from, to, done, max_bytes);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::shared_ptr<std::vector<std::byte>> Buffers::take(std::size_t size) {
  std::vector<std::byte> buffer;
  {
    const std::lock_guard lock(spare_->mutex);
    // The smallest that is large enough.
    auto best = spare_->buffers.end();
    for (auto each = spare_->buffers.begin(); each != spare_->buffers.end(); ++each) {
      if (each->capacity() >= size && (best == spare_->buffers.end() || each->capacity() < best->capacity()))
        best = each;
    }
    if (best != spare_->buffers.end()) {
      buffer = std::move(*best);
      spare_->bytes -= buffer.capacity();
      spare_->buffers.erase(best);
    }
  }
  // What is built again is seldom of the same size.
  constexpr std::size_t share_of_growth = 16;
  if (buffer.capacity() < size) {
    buffer.reserve(size + size / share_of_growth);
    prefer_large_pages(buffer.data(), buffer.capacity());
  }
  buffer.resize(size);
  return {new std::vector<std::byte>(std::move(buffer)),
          [weak = std::weak_ptr(spare_)](std::vector<std::byte>* returned) {
            const std::unique_ptr<std::vector<std::byte>> owned(returned);
            const auto spare = weak.lock();
            if (spare == nullptr) return;
            const std::lock_guard lock(spare->mutex);
            if (spare->bytes + owned->capacity() > max_spare_bytes) return;
            spare->bytes += owned->capacity();
            spare->buffers.push_back(std::move(*owned));
          }};
}

Result<Bytes> read(const Store& store, const Ref& ref, std::size_t max_bytes, Buffers* buffers) {
  TRY(Opened opened, store.open(ref));
  if (opened.size > max_bytes) return too_large(ref, opened.size, max_bytes);
  const auto size = static_cast<std::size_t>(opened.size);
  std::shared_ptr<std::vector<std::byte>> bytes;
  if (buffers != nullptr) {
    bytes = buffers->take(size);
  } else {
    bytes = std::make_shared<std::vector<std::byte>>();
    bytes->reserve(size);
    prefer_large_pages(bytes->data(), bytes->capacity());
    bytes->resize(size);
  }
  const ssize_t got = read_full(opened.file.get(), *bytes, 0);
  if (got < 0) return io_error(ref, "reading");
  if (static_cast<std::size_t>(got) < bytes->size())
    return fail(Errc::io, ref.path + " became shorter while it was read");
  if (ref.digest) {
    if (const Sha256 found = sha256(*bytes); found != *ref.digest) return other_digest(ref, found);
  }
  return bytes;
}

Result<std::uint64_t> copy(const Store& store, const Ref& ref, int to, std::uint64_t max_bytes) {
  TRY(Opened opened, store.open(ref));
  if (opened.size > max_bytes) return too_large(ref, opened.size, max_bytes);
  std::uint64_t done = 0;
  if (!copy_all(opened.file.get(), to, done, max_bytes)) return io_error(ref, "copying");
  if (done > max_bytes) return too_large(ref, done, max_bytes);
  if (ref.digest) {
    Sha256Stream hash;
    std::vector<std::byte> piece(piece_bytes);
    for (std::uint64_t at = 0; at < done;) {
      const ssize_t got = read_full(to, piece, at);
      if (got <= 0) return io_error(ref, "reading the copy of");
      hash.add(std::span(piece).first(static_cast<std::size_t>(got)));
      at += static_cast<std::uint64_t>(got);
    }
    if (const Sha256 found = hash.finish(); found != *ref.digest) return other_digest(ref, found);
  }
  const timespec times[2] = {opened.modified, opened.modified};
  futimens(to, times);  // for guests that answer "not modified"; nothing depends on it
  return done;
}

}  // namespace weft::content
