#include "component/instance_source.h"

#include <iterator>
#include <utility>

namespace weft::component {

Result<std::unique_ptr<Instance>> InstanceSource::make(std::shared_ptr<const LinkedComponent> component,
                                                       host::RequestContext& context, host::Waker& waker,
                                                       const wasm::StoreLimits& limits, wasm::TickPolicy* ticks) {
  // The one that came back last has the warmest memory.
  for (auto kept = kept_.rbegin(); kept != kept_.rend(); ++kept) {
    if (&kept->state->component() != component.get() || kept->state->limits() != limits) continue;
    auto state = std::move(kept->state);
    kept_.erase(std::next(kept).base());
    ++counts_.restored;
    return Instance::create(std::move(state), context, waker, ticks);
  }
  ++counts_.made;
  return Instance::create(std::move(component), context, waker, limits, ticks);
}

void InstanceSource::take_back(std::unique_ptr<Instance> instance) {
  auto state = instance->end();
  instance.reset();
  if (!restores_ || !state->restore()) return;
  if (kept_.size() == max_kept_states) kept_.erase(kept_.begin());
  kept_.push_back({std::move(state)});
}

void InstanceSource::sweep() {
  std::erase_if(kept_, [](Kept& kept) { return std::exchange(kept.is_old, true); });
}

}  // namespace weft::component
