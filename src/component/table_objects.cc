#include "component/table_objects.h"

#include "abi/trap.h"
#include "component/instance.h"

namespace weft::component {
namespace {

using abi::EndKind;
using abi::EntryKind;
using task::TableObject;

template <class T>
T& object_of(const abi::HandleEntry& entry) {
  return static_cast<T&>(*static_cast<TableObject*>(entry.object));
}

bool is_object(EntryKind kind) {
  return kind != EntryKind::free && kind != EntryKind::resource;
}

}  // namespace

std::uint32_t add_object(abi::ComponentInstance& instance, EntryKind kind, TableObject& object) {
  const std::uint32_t index = instance.handles.add({.kind = kind, .object = &object});
  intrusive_ptr_add_ref(&object);
  return index;
}

std::uint32_t add_subtask(abi::ComponentInstance& caller, task::Subtask& subtask) {
  constexpr unsigned phase_bits = 4;
  subtask.index = add_object(caller, EntryKind::subtask, subtask);
  subtask.make_waitable();
  return subtask.phase() | subtask.index << phase_bits;
}

boost::intrusive_ptr<TableObject> remove_object(abi::ComponentInstance& instance, std::uint32_t index) {
  boost::intrusive_ptr<TableObject> object(static_cast<TableObject*>(instance.handles.get(index).object), false);
  instance.handles.remove(index);
  return object;
}

void clear_objects(abi::ComponentInstance& instance) {
  instance.handles.for_each([](abi::HandleEntry& entry) {
    if (is_object(entry.kind)) intrusive_ptr_release(static_cast<TableObject*>(entry.object));
  });
}

task::WaitableSet& waitable_set_at(abi::ComponentInstance& instance, std::uint32_t index) {
  return object_of<task::WaitableSet>(instance.handles.get(index, EntryKind::waitable_set));
}

task::Waitable& waitable_at(abi::ComponentInstance& instance, std::uint32_t index) {
  const abi::HandleEntry& entry = instance.handles.get(index);
  switch (entry.kind) {
    case EntryKind::subtask:
    case EntryKind::readable_stream_end:
    case EntryKind::writable_stream_end:
    case EntryKind::readable_future_end:
    case EntryKind::writable_future_end:
      return object_of<task::Waitable>(entry);
    default:
      throw abi::Trap("handle index " + std::to_string(index) + " is not a waitable");
  }
}

task::Subtask& subtask_at(abi::ComponentInstance& instance, std::uint32_t index) {
  return object_of<task::Subtask>(instance.handles.get(index, EntryKind::subtask));
}

task::ErrorContext& error_context_at(abi::ComponentInstance& instance, std::uint32_t index) {
  return object_of<task::ErrorContext>(instance.handles.get(index, EntryKind::error_context));
}

task::CopyEnd& end_at(abi::ComponentInstance& instance, EndKind kind, abi::TypeRef type, std::uint32_t index) {
  auto& end = object_of<task::CopyEnd>(instance.handles.get(index, entry_kind_of(kind)));
  if (end.type != type) {
    throw abi::Trap("handle index " + std::to_string(index) + " is a stream or future of another type");
  }
  return end;
}

EntryKind entry_kind_of(EndKind kind) {
  switch (kind) {
    case EndKind::readable_stream:
      return EntryKind::readable_stream_end;
    case EndKind::writable_stream:
      return EntryKind::writable_stream_end;
    case EndKind::readable_future:
      return EntryKind::readable_future_end;
    case EndKind::writable_future:
      break;
  }
  return EntryKind::writable_future_end;
}

boost::intrusive_ptr<task::HostEvents> PassedObjects::events() {
  return instance_.host_events();
}

host::ResourceTable& PassedObjects::resources() {
  return instance_.resources();
}

void* PassedObjects::lift(abi::ComponentInstance& instance, abi::TypeRef type, std::uint32_t index) {
  if (type->kind == abi::Kind::error_context) {
    task::ErrorContext& context = error_context_at(instance, index);
    intrusive_ptr_add_ref(&context);
    return static_cast<TableObject*>(&context);
  }
  const EndKind kind = type->kind == abi::Kind::stream ? EndKind::readable_stream : EndKind::readable_future;
  const abi::HandleEntry& entry = instance.handles.get(index);
  const EntryKind writable =
      entry_kind_of(kind == EndKind::readable_stream ? EndKind::writable_stream : EndKind::writable_future);
  if (entry.kind == writable) throw abi::Trap("cannot lift a writable end");
  task::CopyEnd& end = end_at(instance, kind, type, index);
  end.check_lift();
  end.index = 0;
  // The table's reference goes along.
  return remove_object(instance, index).detach();
}

std::uint32_t PassedObjects::lower(abi::ComponentInstance& instance, abi::TypeRef type, void* object) {
  const boost::intrusive_ptr<TableObject> passed(static_cast<TableObject*>(object), false);
  if (type->kind == abi::Kind::error_context) return add_object(instance, EntryKind::error_context, *passed);
  auto& end = static_cast<task::CopyEnd&>(*passed);
  end.type = type;
  end.index = add_object(instance, entry_kind_of(end.kind), end);
  return end.index;
}

}  // namespace weft::component
