// Threads that guests make: the canonical built-ins thread.*.
#include "component/instance.h"

namespace weft::component {
namespace {

using ast::Builtin;

void check_suspended(const task::Thread& thread) {
  if (!thread.suspended()) throw abi::Trap("cannot resume a thread which is not suspended");
}

}  // namespace

std::uint32_t Instance::thread_new_indirect(const BuiltinTrampoline& builtin, const abi::CoreValue* values) {
  task::Thread& current = *scheduler_.current();
  const wasm::Func func = core_->store_->func_of_table(core_->tables_[*builtin.table], values[0].i32());
  if (threads_.size() >= task::max_threads)
    throw abi::Trap("more than " + std::to_string(task::max_threads) + " threads at a time");
  // The task of a synchronous call ends with the call.
  task::Task* const of = current.task.kind.async_type ? &current.task : nullptr;
  GuestThread& made = threads_.emplace_back(*this, of, current.task.instance, func, values[1].i32());
  made.thread.task.register_thread(made.thread);
  scheduler_.prepare(
      made.thread,
      [](void* env) {
        auto& self = *static_cast<GuestThread*>(env);
        abi::CoreValue value;
        value.set_i32(self.argument);
        self.instance.call_core(self.func, std::span(&value, 1));
        self.thread.task.unregister_thread(self.thread);
        self.over = true;
      },
      &made);
  return made.thread.index;
}

void Instance::call_thread_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values) {
  task::ComponentInstance& caller = instances_[builtin.options.instance];
  // Nobody can be told of a cancellation here, so that these return 0: not cancelled.
  switch (builtin.kind) {
    case Builtin::thread_index:
      values[0].set_i32(scheduler_.current()->index);
      return;
    case Builtin::thread_new_indirect:
      values[0].set_i32(thread_new_indirect(builtin, values));
      return;
    case Builtin::thread_resume_later: {
      task::Thread& other = caller.threads.get(values[0].i32());
      check_suspended(other);
      scheduler_.resume_later(other);
      return;
    }
    case Builtin::thread_suspend:
      values[0].set_i32(scheduler_.suspend(false));
      return;
    case Builtin::thread_yield:
      values[0].set_i32(scheduler_.yield(false));
      return;
    case Builtin::thread_suspend_then_resume:
    case Builtin::thread_yield_then_resume: {
      task::Thread& other = caller.threads.get(values[0].i32());
      check_suspended(other);
      const bool yields = builtin.kind == Builtin::thread_yield_then_resume;
      values[0].set_i32(yields ? scheduler_.yield(false, &other) : scheduler_.suspend(false, &other));
      return;
    }
    case Builtin::thread_suspend_then_promote:
    case Builtin::thread_yield_then_promote: {
      task::Thread& other = caller.threads.get(values[0].i32());
      task::Thread* const next = scheduler_.promote(other) ? &other : nullptr;
      const bool yields = builtin.kind == Builtin::thread_yield_then_promote;
      values[0].set_i32(yields ? scheduler_.yield(false, next) : scheduler_.suspend(false, next));
      return;
    }
    default:
      throw abi::Trap("a built-in is not known");
  }
}

}  // namespace weft::component
