// Waitables, waitable sets and error contexts in an instance's table, which holds a reference to each.
#pragma once

#include "abi/context.h"
#include "abi/handle_table.h"
#include "host/resource_table.h"
#include "task/copy_end.h"
#include "task/subtask.h"
#include "task/waitable.h"

namespace weft::component {

class Instance;

// Returns the index.
std::uint32_t add_object(abi::ComponentInstance& instance, abi::EntryKind kind, task::TableObject& object);
// A call that goes on, as its caller will wait for it. Returns what the call gives to the caller: phase and index.
std::uint32_t add_subtask(abi::ComponentInstance& caller, task::Subtask& subtask);
// Takes it out. REQUIRES: it is there.
boost::intrusive_ptr<task::TableObject> remove_object(abi::ComponentInstance& instance, std::uint32_t index);
// Lets go of all of them.
void clear_objects(abi::ComponentInstance& instance);

// These trap if there is none, or something else.
task::WaitableSet& waitable_set_at(abi::ComponentInstance& instance, std::uint32_t index);
task::Waitable& waitable_at(abi::ComponentInstance& instance, std::uint32_t index);
task::Subtask& subtask_at(abi::ComponentInstance& instance, std::uint32_t index);
task::ErrorContext& error_context_at(abi::ComponentInstance& instance, std::uint32_t index);
// Also of another element type.
task::CopyEnd& end_at(abi::ComponentInstance& instance, abi::EndKind kind, abi::TypeRef type, std::uint32_t index);

abi::EntryKind entry_kind_of(abi::EndKind kind);

// Streams, futures and error contexts that are passed as values: out of one table into another.
class PassedObjects final : public abi::AsyncValues {
 public:
  explicit PassedObjects(Instance& instance) : instance_(instance) {}
  // What ends of the host tell the store.
  boost::intrusive_ptr<task::HostEvents> events();
  host::ResourceTable& resources();
  void* lift(abi::ComponentInstance& instance, abi::TypeRef type, std::uint32_t index) override;
  std::uint32_t lower(abi::ComponentInstance& instance, abi::TypeRef type, void* object) override;

 private:
  Instance& instance_;
};

}  // namespace weft::component
