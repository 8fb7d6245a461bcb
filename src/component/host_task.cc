#include "component/host_task.h"

#include <algorithm>
#include <utility>

#include "component/instance.h"

namespace weft::component {
namespace {

class Resolved final : public task::Condition {
 public:
  explicit Resolved(const task::Subtask& subtask) : subtask_(subtask) {}
  bool holds() const override { return subtask_.resolved(); }

 private:
  const task::Subtask& subtask_;
};

}  // namespace

void HostTask::lower() {
  abi::LowerContext to = instance_->lower_context(call_->caller);
  lower(to, *call_, flat_.data());
  instance_->context().account.bytes_copied += to.allocated;
}

void HostTask::finish(std::exception_ptr failure) {
  finished_ = true;
  failure_ = std::move(failure);
  if (!HostTasks::has(*this)) return;
  instance_->host_tasks_.remove(*this);
  const auto subtask = std::exchange(subtask_, nullptr);
  const auto events = instance_->host_events();
  if (failure_ != nullptr) {
    instance_->fail(failure_);
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

void HostTask::attend(HostCall& call, abi::Lenders& lent, abi::CoreValue* values) {
  instance_ = &call.instance;
  call_ = &call.lower;
  if (finished_) {
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    lower();
    lent.deliver_resolve();
    if (call_->caller.async)
      values[0].set_i32(static_cast<std::uint32_t>(abi::SubtaskState::Phase::returned));
    else
      std::ranges::copy(flat_, values);
    return;
  }
  const boost::intrusive_ptr<task::Subtask> subtask(new task::Subtask(call.caller));
  subtask_ = subtask;
  subtask->lenders.take(lent);
  subtask->callee = this;
  subtask->start();
  instance_->host_tasks_.add(*this);
  instance_->host_events()->begin_operation();
  if (call_->caller.async) {
    subtask->index = add_object(call.caller, abi::EntryKind::subtask, *subtask);
    subtask->make_waitable();
    values[0].set_i32(subtask->phase() | subtask->index << 4);
    return;
  }
  const Resolved resolved(*subtask);
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
