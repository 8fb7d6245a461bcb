// A component that is served while its code may still get better.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "component/linked.h"
#include "util/content_mark.h"
#include "util/pinned.h"

namespace weft::runtime {

// Immutable snapshots, one after the other; each is kept as long as this is, so that pinning one costs nothing more
// than using it. Thread-safe: current() takes no lock and never waits.
class LiveComponent : Pinned {
 public:
  using Snapshot = std::shared_ptr<const component::LinkedComponent>;

  // `content`: see content().
  explicit LiveComponent(Snapshot first, std::optional<ContentMark> content = std::nullopt) : content_(content) {
    replace(std::move(first));
  }

  // What it was loaded from (Apart::content); nothing if that was not looked at.
  const std::optional<ContentMark>& content() const { return content_; }

  // What is to run from now on. The reference stays valid; who uses it to its end asks once.
  const Snapshot& current() const { return *current_.load(std::memory_order_acquire); }
  // How often it was replaced.
  std::uint32_t generation() const {
    std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(snapshots_.size()) - 1;
  }
  // The plan of all snapshots.
  const component::LinkPlan& plan() const { return current()->plan(); }

  // REQUIRES: of the same plan.
  void replace(Snapshot next) {
    std::lock_guard lock(mutex_);
    current_.store(&snapshots_.emplace_back(std::move(next)), std::memory_order_release);
  }

 private:
  const std::optional<ContentMark> content_;
  std::atomic<const Snapshot*> current_ = nullptr;
  mutable std::mutex mutex_;
  std::deque<Snapshot> snapshots_;  // places are stable; guarded by mutex_
};

}  // namespace weft::runtime
