#include "component/host_task.h"

#include <algorithm>
#include <utility>

#include "component/host_call.h"
#include "component/instance.h"

namespace weft::component {

void HostTask::lower() {
  abi::LowerContext to = instance_->lower_context(call_->caller);
  lower(to, *call_, flat_.data());
  instance_->context().share().account.bytes_copied += to.allocated;
}

void HostTask::finish(std::exception_ptr failure) {
  if (!HostTasks::has(*this)) return;
  instance_->host_tasks_.remove(*this);
  const auto subtask = std::exchange(subtask_, nullptr);
  const auto events = instance_->host_events();
  if (failure != nullptr) {
    instance_->fail(std::move(failure));
  } else {
    subtask->late_result = this;
    subtask->returned();
  }
  events->end_operation();
}

// It is over at once: what is still done reaches nobody.
void HostTask::on_cancel(task::ComponentInstance*) {
  const boost::intrusive_ptr<HostTask> alive(this);
  instance_->host_tasks_.remove(*this);
  std::exchange(subtask_, nullptr)->cancelled();
  instance_->host_events()->end_operation();
  stop();
}

void HostTask::attend(HostCall& call, abi::CoreValue* values) {
  call.attended = true;
  instance_ = &call.instance;
  call_ = &call.lower;
  const boost::intrusive_ptr<task::Subtask> subtask(new task::Subtask(call.caller));
  subtask_ = subtask;
  subtask->lenders.take(call.lenders);
  subtask->callee = this;
  subtask->start();
  instance_->host_tasks_.add(*this);
  instance_->host_events()->begin_operation();
  if (call_->caller.async) {
    values[0].set_i32(add_subtask(call.caller, *subtask));
    return;
  }
  const task::SubtaskResolved resolved(*subtask);
  instance_->wait_or_say_why(true, [&] { instance_->scheduler().wait_until(resolved, false); });
  subtask->deliver_resolve();
  std::ranges::copy(flat_, values);
}

void HostTasks::stop() noexcept {
  while (!list_.empty()) {
    const boost::intrusive_ptr<HostTask> task(&list_.front());
    list_.pop_front();
    task->subtask_ = nullptr;
    task->stop();
  }
}

}  // namespace weft::component
