#include "task/subtask.h"

#include <utility>

#include "abi/trap.h"

namespace weft::task {

void Subtask::advance(abi::SubtaskEvent event) {
  const auto step = abi::step(state_, event);
  if (step.trap != nullptr) throw abi::Trap(step.trap);
  state_ = step.next;
  if (resolved()) callee = nullptr;
  const bool progress = event == abi::SubtaskEvent::start || event == abi::SubtaskEvent::return_value ||
                        event == abi::SubtaskEvent::cancelled;
  if (progress && reports_) set_pending_event();
}

void Subtask::deliver_resolve() {
  if (const auto late = std::exchange(late_result, nullptr)) late->lower();
  advance(abi::SubtaskEvent::deliver);
  lenders.deliver_resolve();
}

bool Subtask::request_cancel() {
  const auto step = abi::step(state_, abi::SubtaskEvent::request_cancel);
  if (step.trap != nullptr) throw abi::Trap(step.trap);
  if (resolved()) return false;
  state_ = step.next;
  return true;
}

void Subtask::check_drop() {
  advance(abi::SubtaskEvent::drop);
}

Event Subtask::deliver() {
  if (resolved()) deliver_resolve();
  return {EventCode::subtask, index, phase()};
}

}  // namespace weft::task
