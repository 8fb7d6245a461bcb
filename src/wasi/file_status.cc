#include "wasi/file_status.h"

#include <sys/random.h>

#include <cstdlib>
#include <cstring>
#include <span>

#include "util/sha256.h"
#include "wasi/file_streams.h"

namespace weft::wasi {
namespace {

// None for times before 1970, which the interface cannot say.
std::optional<Datetime> to_datetime(const timespec& time) {
  if (time.tv_sec < 0) return std::nullopt;
  return Datetime{static_cast<std::uint64_t>(time.tv_sec), static_cast<std::uint32_t>(time.tv_nsec)};
}

FileResult<timespec> to_timespec(const NewTimestamp& time) {
  if (std::holds_alternative<NoChange>(time)) return timespec{0, UTIME_OMIT};
  if (std::holds_alternative<Now>(time)) return timespec{0, UTIME_NOW};
  const Datetime& at = std::get<Timestamp>(time).value;
  if (at.seconds > INT64_MAX) return file_error(ErrorCode::overflow);
  // Larger values also have a meaning of their own for the kernel.
  if (at.nanoseconds >= 1'000'000'000) return file_error(ErrorCode::invalid);
  return timespec{static_cast<time_t>(at.seconds), static_cast<long>(at.nanoseconds)};
}

const Sha256& secret_of_this_process() {
  static const Sha256 secret = [] {
    Sha256 bytes;
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
    return bytes;
  }();
  return secret;
}

}  // namespace

FileResult<struct stat> status_of(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) return file_error();
  return status;
}

DescriptorStat to_descriptor_stat(const struct stat& status) {
  return {.type = descriptor_type_of(status.st_mode),
          .link_count = status.st_nlink,
          .size = static_cast<std::uint64_t>(status.st_size),
          .data_access_timestamp = to_datetime(status.st_atim),
          .data_modification_timestamp = to_datetime(status.st_mtim),
          .status_change_timestamp = to_datetime(status.st_ctim)};
}

MetadataHash hash_of(const struct stat& status) {
  const std::array<std::uint64_t, 5> facts = {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                                              static_cast<std::uint64_t>(status.st_mtim.tv_sec),
                                              static_cast<std::uint64_t>(status.st_mtim.tv_nsec)};
  const Sha256 digest = hmac_sha256(secret_of_this_process(), std::as_bytes(std::span(facts)));
  MetadataHash hash;
  std::memcpy(&hash.lower, digest.data(), sizeof hash.lower);
  std::memcpy(&hash.upper, digest.data() + sizeof hash.lower, sizeof hash.upper);
  return hash;
}

FileResult<FileTimes> file_times(const NewTimestamp& accessed, const NewTimestamp& modified) {
  TRY(const timespec first, to_timespec(accessed));
  TRY(const timespec second, to_timespec(modified));
  return FileTimes{first, second};
}

}  // namespace weft::wasi
