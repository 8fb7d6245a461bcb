// Keeps what the process has in memory below what the machine, or the container, can give.
//
// Each instance has its own limits, but thousands of instances that stay within theirs can still take more than there
// is. The guard looks at the process's anonymous memory; when that passes the limit, growth of linear memories is
// refused, and whoever runs instances ends the largest (runtime, trigger).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "util/file_descriptor.h"
#include "util/pinned.h"

namespace weft::wasm {

// Thread-safe.
class MemoryGuard : Pinned {
 public:
  // Bytes; 0: default_limit().
  explicit MemoryGuard(std::uint64_t limit);

  // Four fifths of the machine's memory, or of what the process's control group may have if that is less.
  static std::uint64_t default_limit();
  // The smallest `memory.max` of the control group that `/proc/self/cgroup` names ("0::/a/b") and those above it,
  // beneath `mount`. None: there is no limit.
  static std::optional<std::uint64_t> cgroup_limit(const std::string& proc_self_cgroup, const std::string& mount);

  // Reads what is in use. Some microseconds; call it every few milliseconds while guests run.
  void look();
  // The same as if `bytes` had been read.
  void see(std::uint64_t bytes);

  // Beyond the limit: nothing may grow, no instance should begin.
  bool tight() const noexcept { return used_.load(std::memory_order_relaxed) > limit_; }
  // Half way from the limit to all that there is: what runs has to end.
  bool exhausted() const noexcept { return used_.load(std::memory_order_relaxed) > limit_ + limit_ / 8; }
  // Bytes to be given up.
  std::uint64_t excess() const noexcept {
    const std::uint64_t used = used_.load(std::memory_order_relaxed);
    return used > limit_ ? used - limit_ : 0;
  }
  std::uint64_t limit() const noexcept { return limit_; }
  // Whether it was tight since this was asked last.
  bool take_been_tight() noexcept { return been_tight_.exchange(false, std::memory_order_relaxed); }

 private:
  const std::uint64_t limit_;
  const FileDescriptor statm_;
  std::atomic<std::uint64_t> used_ = 0;
  std::atomic<bool> been_tight_ = false;
};

}  // namespace weft::wasm
