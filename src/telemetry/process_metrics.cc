#include "telemetry/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "util/read_file.h"

namespace weft::telemetry {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t open_files() {
  std::error_code error;
  std::uint64_t count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error); !error && it != end(it);
       it.increment(error))
    ++count;
  return count > 0 ? count - 1 : 0;  // without the one that reads them
}

}  // namespace

void add_process_metrics(Text& text) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  text.metric("process_cpu_seconds_total", "counter", "CPU time of the process.");
  text.sample({}, seconds(usage.ru_utime) + seconds(usage.ru_stime));
  // Pages: of the address space, and those that are in memory (proc(5)).
  unsigned long pages = 0, resident = 0;
  const auto statm = read_file("/proc/self/statm", 4096);
  if (statm && std::sscanf(statm->c_str(), "%lu %lu", &pages, &resident) == 2) {
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    text.metric("process_virtual_memory_bytes", "gauge", "Address space of the process.");
    text.sample({}, pages * page);
    text.metric("process_resident_memory_bytes", "gauge", "Memory of the process.");
    text.sample({}, resident * page);
  }
  text.metric("process_open_fds", "gauge", "Open files of the process.");
  text.sample({}, open_files());
}

}  // namespace weft::telemetry
