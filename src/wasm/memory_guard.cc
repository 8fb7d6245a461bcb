#include "wasm/memory_guard.h"

#include <fcntl.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <string>

#include "util/read_file.h"

namespace weft::wasm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_small_file = 4096;

std::uint64_t machine_memory() {
  struct sysinfo info{};
  if (sysinfo(&info) != 0) return UINT64_MAX;
  return std::uint64_t{info.totalram} * info.mem_unit;
}

// "max" or a number.
std::optional<std::uint64_t> limit_in(const fs::path& file) {
  const auto text = read_file(file.string(), max_small_file);
  if (!text) return std::nullopt;
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), bytes);
  if (error != std::errc()) return std::nullopt;
  return bytes;
}

}  // namespace

std::optional<std::uint64_t> MemoryGuard::cgroup_limit(const std::string& proc_self_cgroup, const std::string& mount) {
  // The line of the unified hierarchy.
  std::string_view lines = proc_self_cgroup;
  std::string path;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    if (line.starts_with("0::/")) path = line.substr(4);
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
  }
  std::optional<std::uint64_t> least;
  const fs::path top(mount);
  for (fs::path group = top / path;; group = group.parent_path()) {
    if (const auto limit = limit_in(group / "memory.max")) least = std::min(least.value_or(UINT64_MAX), *limit);
    if (group == top || !group.has_relative_path()) return least;
  }
}

std::uint64_t MemoryGuard::default_limit() {
  std::uint64_t all = machine_memory();
  if (const auto groups = read_file("/proc/self/cgroup", max_small_file)) {
    if (const auto limit = cgroup_limit(*groups, "/sys/fs/cgroup")) all = std::min(all, *limit);
  }
  return all / 5 * 4;
}

MemoryGuard::MemoryGuard(std::uint64_t limit)
    : limit_(limit != 0 ? limit : default_limit()), statm_(open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

void MemoryGuard::look() {
  char text[128];
  const ssize_t length = pread(statm_.get(), text, sizeof text - 1, 0);
  if (length <= 0) return;
  text[length] = '\0';
  // Pages: of the address space, in memory, and of those the ones that a file or another process has too (proc(5)).
  unsigned long pages = 0, resident = 0, shared = 0;
  if (std::sscanf(text, "%lu %lu %lu", &pages, &resident, &shared) != 3) return;
  see((resident - std::min(resident, shared)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
}

void MemoryGuard::see(std::uint64_t bytes) {
  used_.store(bytes, std::memory_order_relaxed);
  if (tight()) been_tight_.store(true, std::memory_order_relaxed);
}

}  // namespace weft::wasm
