// What instantiating a component makes in the engine: a store, and its core instances with what is got from them.
//
// An Instance has one. Once that has ended well its core state may be restored, and then nobody can tell it from a new
// one: the next Instance needs not instantiate (instance_source.h).
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <vector>

#include "abi/memory.h"
#include "component/linked.h"
#include "util/pinned.h"
#include "util/recycled.h"
#include "wasm/baseline.h"
#include "wasm/store.h"

namespace weft::component {

class Instance;

class CoreState final : Pinned, public Recycled<CoreState> {
 public:
  static Result<std::unique_ptr<CoreState>> create(std::shared_ptr<const LinkedComponent> component,
                                                   const wasm::StoreLimits& limits);

  const LinkedComponent& component() const { return *component_; }
  const wasm::StoreLimits& limits() const { return limits_; }
  // Brings it back to what it was when its instances had just been made. False: that cannot be.
  // REQUIRES: no Instance has it any more.
  bool restore();

 private:
  friend class Instance;
  struct CoreInstance {
    wasm::Instance instance;
    bool made = false;  // a deferred one is made when it is first needed
  };
  // A core function that lifting or lowering may call back, or that a forward goes on to.
  struct FuncSlot {
    Instance* instance = nullptr;  // none until its step has run
    wasm::Func func;               // none until it is needed
  };

  CoreState(std::shared_ptr<const LinkedComponent> component, const wasm::StoreLimits& limits);
  void begin(Instance& owner, wasm::TickPolicy* ticks);
  // The steps of the plan have run: from now on it is what restore() comes back to.
  void finish();
  // Core instance `index` was made.
  void note(std::uint32_t index, bool is_image);

  // Usual ones fit the first block.
  std::array<std::byte, 1536> first_block_;
  std::pmr::monotonic_buffer_resource arena_{first_block_.data(), first_block_.size()};

  std::shared_ptr<const LinkedComponent> component_;
  const wasm::StoreLimits limits_;
  std::pmr::vector<CoreInstance> core_instances_{&arena_};
  std::pmr::vector<const abi::LinearMemory*> memories_{&arena_};  // by slot
  std::pmr::vector<wasm::Extern> tables_{&arena_};                // by slot
  std::pmr::vector<FuncSlot> funcs_{&arena_};                     // by slot
  bool made_ = false;                                             // finish() was called
  bool restorable_;
  wasm::Baseline baseline_;
  std::unique_ptr<wasm::Store> store_;
};

}  // namespace weft::component
