// How much one instance may write to the disk.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "util/pinned.h"

namespace weft::wasi {

// Unless it is set: enough for what programs produce, and a guest that writes without end leaves the disk to others.
inline constexpr std::uint64_t default_disk_bytes = std::uint64_t{1} << 30;
// What a new name counts: about what a file system takes for it.
inline constexpr std::uint64_t disk_entry_bytes = 4096;

// Counts what is written, and what files grow by, once and for good: a file that is removed may be open still, and the
// limit is on what a run does, not on what is there. One loop.
class DiskQuota : Pinned {
 public:
  // `on_refusal` is called the first time that there is no more.
  DiskQuota(std::uint64_t most, std::function<void()> on_refusal) : most_(most), on_refusal_(std::move(on_refusal)) {}

  // All of `bytes`. False: nothing was taken.
  bool take(std::uint64_t bytes) {
    if (bytes > most_ - used_) return refuse();
    used_ += bytes;
    return true;
  }
  // As much of `bytes` as is left; 0 if nothing is.
  std::uint64_t take_up_to(std::uint64_t bytes) {
    const std::uint64_t taken = std::min(bytes, most_ - used_);
    if (taken == 0 && bytes != 0) refuse();
    used_ += taken;
    return taken;
  }
  // What was taken and came to nothing.
  void give_back(std::uint64_t bytes) { used_ -= bytes; }
  std::uint64_t used() const { return used_; }

 private:
  bool refuse() {
    if (on_refusal_) std::exchange(on_refusal_, nullptr)();
    return false;
  }

  const std::uint64_t most_;
  std::uint64_t used_ = 0;
  std::function<void()> on_refusal_;
};

}  // namespace weft::wasi
