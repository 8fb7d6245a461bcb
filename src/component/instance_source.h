// Where one thread's instances come from: they are made, or get the core state of one that has ended, restored.
//
// Whoever gets an instance cannot tell which. Every instance has tables, handles and state of its own; what is used
// again is what it takes longest to make.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "component/core_state.h"
#include "component/instance.h"
#include "util/pinned.h"

namespace weft::component {

// Core states that one source keeps. Beyond them, the one that was given back first is dropped.
inline constexpr std::size_t max_kept_states = 64;

class InstanceSource : Pinned {
 public:
  // Instances that were given, by where they came from.
  struct Counts {
    std::uint64_t made = 0, restored = 0;
  };

  // With `restores` false all are made.
  explicit InstanceSource(bool restores = true) : restores_(restores) {}

  // As Instance::create.
  Result<std::unique_ptr<Instance>> make(std::shared_ptr<const LinkedComponent> component,
                                         host::RequestContext& context, host::Waker& waker,
                                         const wasm::StoreLimits& limits, wasm::TickPolicy* ticks);
  // Ends it, and keeps what can be used again. REQUIRES: it has ended without a fault.
  void take_back(std::unique_ptr<Instance> instance);

  // Drops what nobody has asked for since this was called last. Now and then.
  void sweep();
  void clear() { kept_.clear(); }
  std::size_t kept() const { return kept_.size(); }
  // Since this was called last.
  Counts take_counts() { return std::exchange(counts_, {}); }

 private:
  struct Kept {
    std::unique_ptr<CoreState> state;
    bool is_old = false;  // it was there when sweep() was called last
  };
  const bool restores_;
  Counts counts_;
  std::vector<Kept> kept_;  // given back last at the end
};

}  // namespace weft::component
