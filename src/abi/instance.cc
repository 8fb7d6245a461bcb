#include "abi/instance.h"

#include "abi/trap.h"

namespace weft::abi {

// The specification keeps the counter in 16 bits.
constexpr std::uint32_t kMaxBackpressure = UINT16_MAX;

void ComponentInstance::check_may_leave() const {
  if (!may_leave) throw Trap("cannot leave component instance");
}

void ComponentInstance::increment_backpressure() {
  if (backpressure == kMaxBackpressure) throw Trap("backpressure counter overflow");
  ++backpressure;
}

void ComponentInstance::decrement_backpressure() {
  if (backpressure == 0) throw Trap("backpressure counter overflow: it would be below zero");
  --backpressure;
}

bool ComponentInstance::encloses(const ComponentInstance* other) const {
  for (; other != nullptr; other = other->parent) {
    if (other == this) return true;
  }
  return false;
}

bool ComponentInstance::may_enter_from(const ComponentInstance* caller) const {
  for (const ComponentInstance* i = this; i != nullptr && !i->encloses(caller); i = i->parent) {
    if (!i->may_enter) return false;
  }
  return true;
}

void ComponentInstance::enter_from(const ComponentInstance* caller) {
  if (!may_enter_from(caller)) throw Trap("cannot enter component instance");
  for (ComponentInstance* i = this; i != nullptr && !i->encloses(caller); i = i->parent) i->may_enter = false;
}

void ComponentInstance::leave_to(const ComponentInstance* caller) {
  for (ComponentInstance* i = this; i != nullptr && !i->encloses(caller); i = i->parent) i->may_enter = true;
}

}  // namespace weft::abi
