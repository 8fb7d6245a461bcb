#include "component/core_state.h"

namespace weft::component {

CoreState::CoreState(std::shared_ptr<const LinkedComponent> component, const wasm::StoreLimits& limits)
    : component_(std::move(component)), limits_(limits), restorable_(component_->is_restorable()) {
  // It may be kept for longer than whoever gave the component has it.
  if (restorable_) component_ = component_->shared_from_this();
  const LinkPlan& plan = component_->plan();
  core_instances_.resize(plan.core_instances);
  memories_.resize(plan.memory_slots);
  tables_.resize(plan.table_slots);
  funcs_.resize(plan.func_slots);
}

Result<std::unique_ptr<CoreState>> CoreState::create(std::shared_ptr<const LinkedComponent> component,
                                                     const wasm::StoreLimits& limits) {
  const wasm::Engine& engine = component->engine();
  std::unique_ptr<CoreState> state(new CoreState(std::move(component), limits));
  TRY(state->store_, wasm::Store::create(engine, limits, nullptr, nullptr));
  return state;
}

void CoreState::begin(Instance& owner, wasm::TickPolicy* ticks) {
  store_->pass_to(ticks, &owner);
  if (!made_) return;
  for (FuncSlot& slot : funcs_) slot.instance = &owner;
}

void CoreState::finish() {
  made_ = true;
  // What starts without asking the host for anything starts the same way each time.
  const bool is_image = component_->starts_from_images();
  for (std::uint32_t i = 0; i < core_instances_.size(); ++i) {
    if (core_instances_[i].made) note(i, is_image);
  }
  if (restorable_ && !is_image && baseline_.started_pages() == 0) component_->note_start_from_images();
}

void CoreState::note(std::uint32_t index, bool is_image) {
  if (!restorable_) return;
  restorable_ = baseline_.add(*store_, core_instances_[index].instance, component_->module_of(index), is_image);
}

bool CoreState::restore() {
  return made_ && restorable_ && !store_->poisoned() && baseline_.restore(*store_);
}

}  // namespace weft::component
