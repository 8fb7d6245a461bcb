// Streams, futures and error contexts: their canonical built-ins.
#include "abi/sink.h"
#include "abi/strings.h"
#include "component/builtins.h"
#include "component/instance.h"

namespace weft::component {
namespace {

using abi::EndKind;
using ast::Builtin;

class HasEvent final : public task::Condition {
 public:
  explicit HasEvent(const task::Waitable& waitable) : waitable_(waitable) {}
  bool holds() const override { return waitable_.has_pending_event(); }

 private:
  const task::Waitable& waitable_;
};

EndKind end_of(Builtin kind) {
  switch (kind) {
    case Builtin::stream_read:
    case Builtin::stream_cancel_read:
    case Builtin::stream_drop_readable:
      return EndKind::readable_stream;
    case Builtin::stream_write:
    case Builtin::stream_cancel_write:
    case Builtin::stream_drop_writable:
      return EndKind::writable_stream;
    case Builtin::future_read:
    case Builtin::future_cancel_read:
    case Builtin::future_drop_readable:
      return EndKind::readable_future;
    default:
      return EndKind::writable_future;
  }
}

}  // namespace

std::uint32_t Instance::copy(const BuiltinTrampoline& builtin, const abi::CoreValue* values) {
  task::ComponentInstance& caller = instances_[builtin.options.instance];
  const EndKind kind = end_of(builtin.kind);
  task::CopyEnd& end = end_at(caller, kind, builtin.type, values[0].i32());
  end.check_copy();
  end.check_not_in_set(builtin.options.async);
  const bool stream = builtin.type->kind == abi::Kind::stream;
  const task::BufferContext context{
      .instance = &caller,
      .memory = memory_of(builtin.options),
      .realloc = realloc_of(builtin.options),
      .string_encoding = static_cast<abi::StringEncoding>(builtin.options.string_encoding),
      .async_values = &passed_objects_};
  end.copy(task::Buffer(context, builtin.type->element, values[1].i32(), stream ? values[2].i32() : 1));
  if (!end.has_pending_event()) {
    if (builtin.options.async) return blocked;
    const HasEvent has_event(end);
    wait_for_pending_event(end, has_event);
  }
  return end.get_pending_event().payload;
}

std::uint32_t Instance::cancel_copy(const BuiltinTrampoline& builtin, std::uint32_t index) {
  task::CopyEnd& end = end_at(instances_[builtin.options.instance], end_of(builtin.kind), builtin.type, index);
  end.check_cancel();
  end.check_not_in_set(builtin.async);
  end.cancel();
  if (!end.has_pending_event()) {
    if (builtin.async) return blocked;
    const HasEvent has_event(end);
    wait_for_pending_event(end, has_event);
  }
  return end.get_pending_event().payload;
}

void Instance::drop_end(const BuiltinTrampoline& builtin, std::uint32_t index) {
  task::ComponentInstance& caller = instances_[builtin.options.instance];
  task::CopyEnd& end = end_at(caller, end_of(builtin.kind), builtin.type, index);
  end.drop();
  remove_object(caller, index);
}

std::uint64_t Instance::new_ends(const BuiltinTrampoline& builtin) {
  task::ComponentInstance& caller = instances_[builtin.options.instance];
  const auto [readable, writable] = task::CopyEnd::make(builtin.type);
  readable->index = add_object(caller, entry_kind_of(readable->kind), *readable);
  writable->index = add_object(caller, entry_kind_of(writable->kind), *writable);
  return readable->index | std::uint64_t{writable->index} << 32;
}

std::uint32_t Instance::error_context_new(const BuiltinTrampoline& builtin, const abi::CoreValue* values) {
  abi::LiftContext from = lift_context(builtin.options);
  const boost::intrusive_ptr<task::ErrorContext> made(
      new task::ErrorContext(debug_messages_, abi::load_string(from, {values[0].i32(), values[1].i32()})));
  return add_object(instances_[builtin.options.instance], abi::EntryKind::error_context, *made);
}

void Instance::error_context_debug_message(const BuiltinTrampoline& builtin, const abi::CoreValue* values) {
  // Storing it calls the guest's realloc.
  const boost::intrusive_ptr<task::ErrorContext> context(
      &error_context_at(instances_[builtin.options.instance], values[0].i32()));
  abi::LowerContext to = lower_context(builtin.options);
  const std::uint32_t ptr = values[1].i32();
  abi::checked_range(*to.memory, ptr, 2, sizeof(std::uint32_t), alignof(std::uint32_t), abi::kHostWording.values);
  const abi::PointerPair stored = abi::store_string(to, context->debug_message);
  abi::MemorySink{to.memory, ptr}.write_pair(stored);
}

void Instance::call_stream_builtin(const BuiltinTrampoline& builtin, abi::CoreValue* values) {
  task::ComponentInstance& caller = instances_[builtin.options.instance];
  switch (builtin.kind) {
    case Builtin::stream_new:
    case Builtin::future_new:
      values[0].set_i64(new_ends(builtin));
      return;
    case Builtin::stream_read:
    case Builtin::stream_write:
    case Builtin::future_read:
    case Builtin::future_write:
      if (builtin.options.async) [[likely]]
        values[0].set_i32(copy(builtin, values));
      else
        wait_or_say_why(true, [&] { values[0].set_i32(copy(builtin, values)); });
      return;
    case Builtin::stream_cancel_read:
    case Builtin::stream_cancel_write:
    case Builtin::future_cancel_read:
    case Builtin::future_cancel_write:
      wait_or_say_why(!builtin.async, [&] { values[0].set_i32(cancel_copy(builtin, values[0].i32())); });
      return;
    case Builtin::stream_drop_readable:
    case Builtin::stream_drop_writable:
    case Builtin::future_drop_readable:
    case Builtin::future_drop_writable:
      drop_end(builtin, values[0].i32());
      return;
    case Builtin::error_context_new:
      values[0].set_i32(error_context_new(builtin, values));
      return;
    case Builtin::error_context_debug_message:
      error_context_debug_message(builtin, values);
      return;
    case Builtin::error_context_drop:
      error_context_at(caller, values[0].i32());
      remove_object(caller, values[0].i32());
      return;
    default:
      call_thread_builtin(builtin, values);
  }
}

}  // namespace weft::component
