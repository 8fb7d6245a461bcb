// The canonical built-ins that wait, or that are about what can be waited for.
#include "component/builtins.h"
#include "component/instance.h"

namespace weft::component {
namespace {

using ast::Builtin;

// What callbacks return in their low bits.
enum CallbackCode : std::uint32_t { callback_exit, callback_yield, callback_wait };
constexpr std::uint32_t callback_code_bits = 4;

class SetHasEvent final : public task::Condition {
 public:
  explicit SetHasEvent(const task::WaitableSet& set) : set_(set) {}
  bool holds() const override { return set_.has_pending_event(); }

 private:
  const task::WaitableSet& set_;
};

// The event loop of a callback goes on when it may be alone in the instance and has something to tell.
class CallbackCanRun final : public task::Condition {
 public:
  CallbackCanRun(const task::Task& task, const task::WaitableSet* set) : task_(task), set_(set) {}
  bool holds() const override {
    if (task_.instance.exclusive_thread != nullptr) return false;
    return set_ == nullptr || set_->has_pending_event() || task_.state() == abi::TaskState::pending_cancel;
  }

 private:
  const task::Task& task_;
  const task::WaitableSet* set_;
};

void waitable_join(abi::ComponentInstance& caller, std::uint32_t index, std::uint32_t set) {
  task::Waitable& waitable = waitable_at(caller, index);
  if (waitable.has_sync_waiter)
    throw abi::Trap("waitable cannot be used synchronously while added to a waitable set: a thread waits for it alone");
  waitable.join(set == 0 ? nullptr : &waitable_set_at(caller, set));
}

}  // namespace

void Instance::wait_or_say_why(bool may_wait, const std::function<void()>& operation) {
  if (!may_wait || !scheduler_.cannot_block()) return operation();
  const auto explained = [](const std::string& text) {
    return text.find(task::why_not_block) != std::string::npos ? text : text + "; besides, it " + task::why_not_block;
  };
  try {
    operation();
  } catch (const wasm::GuestTrap& trap) {
    throw wasm::GuestTrap(trap.code(), explained(trap.message()), explained(trap.detail()));
  } catch (const abi::Trap& trap) {
    throw abi::Trap(explained(trap.message()));
  }
}

void Instance::wait_for_pending_event(task::Waitable& waitable, const task::Condition& condition) {
  const boost::intrusive_ptr<task::Waitable> alive(&waitable);
  waitable.has_sync_waiter = true;
  scheduler_.wait_until(condition, false);
  waitable.has_sync_waiter = false;
}

void Instance::run_callbacks(task::Task& task, const wasm::Func& callback, std::uint32_t packed) {
  task::ComponentInstance& instance = task.instance;
  for (;;) {
    const std::uint32_t code = packed & ((1u << callback_code_bits) - 1);
    if (code == callback_exit) return;
    if (code > callback_wait) throw abi::Trap("unsupported callback code");
    instance.exclusive_thread = nullptr;
    task::Event event;
    boost::intrusive_ptr<task::WaitableSet> set;
    if (code == callback_wait) {
      set = &waitable_set_at(instance, packed >> callback_code_bits);
      ++set->num_waiting;
    }
    const CallbackCanRun can_run(task, set.get());
    const bool told =
        code == callback_wait ? scheduler_.wait_until(can_run, true) : scheduler_.yield_until(can_run, true);
    const bool cancelled = told || task.deliver_pending_cancel(true);
    if (cancelled)
      event.code = task::EventCode::task_cancelled;
    else if (set != nullptr)
      event = set->get_pending_event();
    if (set != nullptr) --set->num_waiting;
    instance.exclusive_thread = &task.implicit_thread;
    std::array<abi::CoreValue, 3> values;
    values[0].set_i32(static_cast<std::uint32_t>(event.code));
    values[1].set_i32(event.index);
    values[2].set_i32(event.payload);
    call_core(callback, values);
    packed = values[0].i32();
  }
}

// Stores an event's two numbers, and returns its code.
std::uint32_t Instance::unpack_event(const BuiltinTrampoline& builtin, std::uint32_t ptr, const task::Event& event) {
  const abi::LinearMemory& memory = *memory_of(builtin.options);
  std::byte* at =
      abi::checked_range(memory, ptr, 2, sizeof(std::uint32_t), alignof(std::uint32_t), abi::kHostWording.values);
  abi::write_as(at, event.index);
  abi::write_as(at + sizeof event.index, event.payload);
  return static_cast<std::uint32_t>(event.code);
}

std::uint32_t Instance::waitable_set_wait(const BuiltinTrampoline& builtin, const abi::CoreValue* values) {
  const boost::intrusive_ptr<task::WaitableSet> set(
      &waitable_set_at(instances_[builtin.options.instance], values[0].i32()));
  ++set->num_waiting;
  const SetHasEvent has_event(*set);
  scheduler_.wait_until(has_event, false);
  --set->num_waiting;
  return unpack_event(builtin, values[1].i32(), set->get_pending_event());
}

std::uint32_t Instance::waitable_set_poll(const BuiltinTrampoline& builtin, const abi::CoreValue* values) {
  task::WaitableSet& set = waitable_set_at(instances_[builtin.options.instance], values[0].i32());
  return unpack_event(builtin, values[1].i32(), set.has_pending_event() ? set.get_pending_event() : task::Event{});
}

std::uint32_t Instance::subtask_cancel(const BuiltinTrampoline& builtin, std::uint32_t index) {
  task::ComponentInstance& caller = instances_[builtin.options.instance];
  const boost::intrusive_ptr<task::Subtask> subtask(&subtask_at(caller, index));
  const bool asked = subtask->request_cancel();
  subtask->check_not_in_set(builtin.async);
  if (asked) {
    if (subtask->callee != nullptr) subtask->callee->on_cancel(&caller);
    reap();
    if (!subtask->resolved()) {
      if (builtin.async) return blocked;
      const task::SubtaskResolved resolved(*subtask);
      wait_for_pending_event(*subtask, resolved);
    }
  }
  return subtask->get_pending_event().payload;
}

void Instance::call_async_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values) {
  task::ComponentInstance& caller = instances_[builtin.options.instance];
  caller.check_may_leave();
  switch (builtin.kind) {
    case Builtin::waitable_set_new:
      values[0].set_i32(add_object(caller, abi::EntryKind::waitable_set,
                                   *boost::intrusive_ptr<task::WaitableSet>(new task::WaitableSet())));
      return;
    case Builtin::waitable_set_wait:
      wait_or_say_why(true, [&] { values[0].set_i32(waitable_set_wait(builtin, values)); });
      return;
    case Builtin::waitable_set_poll:
      values[0].set_i32(waitable_set_poll(builtin, values));
      return;
    case Builtin::waitable_set_drop:
      waitable_set_at(caller, values[0].i32()).check_drop();
      remove_object(caller, values[0].i32());
      return;
    case Builtin::waitable_join:
      waitable_join(caller, values[0].i32(), values[1].i32());
      return;
    case Builtin::subtask_cancel:
      wait_or_say_why(!builtin.async, [&] { values[0].set_i32(subtask_cancel(builtin, values[0].i32())); });
      return;
    case Builtin::subtask_drop: {
      task::Subtask& subtask = subtask_at(caller, values[0].i32());
      subtask.check_drop();
      subtask.join(nullptr);
      remove_object(caller, values[0].i32());
      return;
    }
    default:
      call_stream_builtin(builtin, values);
  }
}

}  // namespace weft::component
