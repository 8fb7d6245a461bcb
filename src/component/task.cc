#include "component/task.h"

#include "abi/trap.h"

namespace weft::component {

void Task::advance(abi::TaskEvent event) {
  const auto step = abi::step(state_, event);
  if (step.trap != nullptr) throw abi::Trap(step.trap);
  state_ = step.next;
}

void Task::return_value(abi::LiftContext& from, std::uint32_t max_flat, abi::CoreValueIter& values) {
  advance(abi::TaskEvent::return_value);
  borrows.check_returned();
  result_->take(from, max_flat, values);
}

void Task::cancel() {
  advance(abi::TaskEvent::cancel);
  borrows.check_returned();
}

void Task::exit() {
  advance(abi::TaskEvent::exit);
}

}  // namespace weft::component
