#include "wasm/page_reset.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace weft::wasm {
namespace {

// The kernel's interface (linux/fs.h since 6.7; Debian 12's headers are older).
struct ScanRegion {
  std::uint64_t start, end, categories;
};
struct ScanArgument {
  std::uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  std::uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
constexpr unsigned long pagemap_scan = _IOWR('f', 16, ScanArgument);
constexpr std::uint64_t category_file = 1 << 2;
constexpr std::uint64_t category_present = 1 << 3;
constexpr std::uint64_t category_swapped = 1 << 4;
constexpr std::uint64_t category_zero_page = 1 << 5;

// The kernel allocates room for the regions of a scan: for few of them that is cheap. Memories rarely have more runs of
// dirty pages; a scan that needs more goes on from where it stopped, with more room.
constexpr std::size_t regions_of_first_scan = 64;
constexpr std::size_t regions_per_scan = 512;

enum class Method { scan, read, none };

// Opened once for the process. /proc/self/pagemap refers to the address space, which all threads share.
struct Pagemap {
  int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  Method method = probe();

  Method probe() const {
    if (file < 0) return Method::none;
    alignas(page_size) static std::byte page[page_size];
    page[0] = std::byte{1};
    ScanRegion region;
    ScanArgument argument = argument_for(reinterpret_cast<std::uint64_t>(page), page_size, {&region, 1});
    return ioctl(file, pagemap_scan, &argument) >= 0 ? Method::scan : Method::read;
  }

  static ScanArgument argument_for(std::uint64_t start, std::uint64_t length, std::span<ScanRegion> regions) {
    ScanArgument argument{};
    argument.size = sizeof argument;
    argument.start = start;
    argument.end = start + length;
    argument.vec = reinterpret_cast<std::uint64_t>(regions.data());
    argument.vec_len = regions.size();
    argument.category_inverted = category_file | category_zero_page;
    argument.category_mask = category_file | category_zero_page;
    argument.category_anyof_mask = category_present | category_swapped;
    argument.return_mask = category_present;
    return argument;
  }
};

const Pagemap& pagemap() {
  static const Pagemap instance;
  return instance;
}

// Joins runs that touch: the kernel splits them where the reported categories differ.
class Joiner {
 public:
  Joiner(void (*restore)(void*, PageRange), void* env) : restore_(restore), env_(env) {}
  void add(std::uint64_t begin, std::uint64_t end) {
    if (begin == end_) {
      end_ = end;
      return;
    }
    flush();
    begin_ = begin;
    end_ = end;
  }
  void flush() {
    if (begin_ != end_) restore_(env_, {reinterpret_cast<std::byte*>(begin_), reinterpret_cast<std::byte*>(end_)});
    begin_ = end_ = 0;
  }

 private:
  void (*restore_)(void*, PageRange);
  void* env_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

Result<void> scan(int file, std::uint64_t start, std::uint64_t length, Joiner& joiner) {
  const std::uint64_t end = start + length;
  std::array<ScanRegion, regions_per_scan> regions;
  std::size_t room = regions_of_first_scan;
  while (start < end) {
    ScanArgument argument = Pagemap::argument_for(start, end - start, std::span(regions).first(room));
    room = regions_per_scan;
    const int count = ioctl(file, pagemap_scan, &argument);
    if (count < 0) {
      if (errno == EINTR) continue;
      return std::unexpected(Error::from_errno("scanning for dirty pages", errno));
    }
    for (int i = 0; i < count; ++i)
      joiner.add(regions[static_cast<std::size_t>(i)].start, regions[static_cast<std::size_t>(i)].end);
    // The walk may end early (a full vector); it goes on from where the kernel says it stopped.
    if (argument.walk_end <= start) return fail(Errc::internal, "the dirty page scan made no progress");
    start = argument.walk_end;
  }
  joiner.flush();
  return {};
}

Result<void> read(int file, std::uint64_t start, std::uint64_t length, Joiner& joiner) {
  constexpr std::uint64_t present = 1ull << 63, swapped = 1ull << 62, file_or_shared = 1ull << 61;
  std::array<std::uint64_t, regions_per_scan> entries;
  std::uint64_t pages = length / page_size;
  std::uint64_t page = start / page_size;
  while (pages > 0) {
    const std::uint64_t want = std::min<std::uint64_t>(pages, entries.size());
    const ssize_t got = pread(file, entries.data(), want * 8, static_cast<off_t>(page * 8));
    if (got <= 0) return std::unexpected(Error::from_errno("reading /proc/self/pagemap", got < 0 ? errno : EIO));
    const std::uint64_t count = static_cast<std::uint64_t>(got) / 8;
    for (std::uint64_t i = 0; i < count; ++i) {
      if ((entries[i] & (present | swapped)) == 0 || (entries[i] & file_or_shared) != 0) continue;
      joiner.add((page + i) * page_size, (page + i + 1) * page_size);
    }
    page += count;
    pages -= count;
  }
  joiner.flush();
  return {};
}

}  // namespace

Result<void> for_each_dirty_range(std::byte* base, std::uint64_t length, void (*restore)(void* env, PageRange range),
                                  void* env) {
  Joiner joiner(restore, env);
  const std::uint64_t start = reinterpret_cast<std::uint64_t>(base);
  switch (pagemap().method) {
    case Method::scan:
      return scan(pagemap().file, start, length, joiner);
    case Method::read:
      return read(pagemap().file, start, length, joiner);
    case Method::none:
      break;
  }
  return fail(Errc::unavailable, "/proc/self/pagemap cannot be read");
}

std::optional<std::uint64_t> page_faults_of_this_thread() {
  rusage usage;
  if (pagemap().method != Method::scan || getrusage(RUSAGE_THREAD, &usage) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(usage.ru_minflt) + static_cast<std::uint64_t>(usage.ru_majflt);
}

const char* page_reset_method() {
  switch (pagemap().method) {
    case Method::scan:
      return "PAGEMAP_SCAN";
    case Method::read:
      return "/proc/self/pagemap";
    case Method::none:
      break;
  }
  return "none";
}

}  // namespace weft::wasm
