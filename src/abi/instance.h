// What the canonical ABI keeps for one component instance (CanonicalABI.md "Component Instance State").
#pragma once

#include <cstdint>
#include <span>

#include "abi/handle_table.h"
#include "util/pinned.h"

namespace weft::abi {

// A component instance within one link plan.
enum class InstanceIndex : std::uint32_t {};
// The instance that "implements" the host's resources.
inline constexpr InstanceIndex kHostInstance{UINT32_MAX};

// One thread per store. The spans and references belong to the link plan and the store.
struct ComponentInstance : Pinned {
  // `resource_impls` names the implementing instance of each ResourceIndex.
  ComponentInstance(HandleBudget& budget, InstanceIndex instance, std::span<const InstanceIndex> impls,
                    ComponentInstance* enclosing = nullptr)
      : handles(budget), index(instance), resource_impls(impls), parent(enclosing) {}

  HandleTable handles;
  const InstanceIndex index;
  const std::span<const InstanceIndex> resource_impls;
  ComponentInstance* const parent;  // nullptr: the outermost
  bool may_enter = true;
  bool may_leave = true;
  std::uint32_t backpressure = 0;  // while not 0, calls of asynchronous functions wait before they enter

  bool implements(ResourceIndex resource) const {
    const auto i = static_cast<std::size_t>(resource);
    return i < resource_impls.size() && resource_impls[i] == index;
  }

  // Traps unless the guest may call out now; every lowered import and built-in begins with it.
  void check_may_leave() const;

  // canon backpressure.inc and .dec. Trap beyond 2^16-1 and below 0.
  void increment_backpressure();
  void decrement_backpressure();

  // Entering sets `may_enter` of this instance and of its ancestors that are not also `caller` or its ancestors
  // (nullptr: the host calls). `enter_from` traps if one of them may not be entered.
  bool may_enter_from(const ComponentInstance* caller) const;
  void enter_from(const ComponentInstance* caller);
  void leave_to(const ComponentInstance* caller);

 private:
  bool encloses(const ComponentInstance* other) const;
};

}  // namespace weft::abi
