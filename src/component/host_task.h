// A call of a host function that goes on after the guest made it.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <exception>

#include "abi/context.h"
#include "abi/core_value.h"
#include "abi/layout.h"
#include "abi/resource.h"
#include "task/subtask.h"

namespace weft::component {

class Instance;
class HostCall;
struct LowerTrampoline;

// Whoever does the work keeps it until finish(), which may be after the instance: then nobody is told of it any more.
class HostTask : public task::LateResult, task::Subtask::Callee {
 public:
  // The work is over: done, or ended by an exception, which is the guest's trap. On the loop, once, and not before
  // attend() was called.
  void finish(std::exception_ptr failure);
  // [fiber] Makes it the caller's subtask, and waits for it if the caller does. `values` are what the call returns to
  // the guest. Once, by whoever made it.
  void attend(HostCall& call, abi::CoreValue* values);

 protected:
  // Nobody waits for the result any more: the work may end. The result is not lowered.
  virtual void stop() noexcept = 0;
  // [fiber] Lowers the result: flat, or to where the guest wants it. REQUIRES: finish() was called without a failure.
  virtual void lower(abi::LowerContext& to, const LowerTrampoline& call, abi::CoreValue* flat) = 0;

 private:
  friend class HostTasks;
  using Hook = boost::intrusive::list_member_hook<>;
  void lower() final;
  void on_cancel(task::ComponentInstance* caller) final;

  Instance* instance_ = nullptr;  // once it is attended; not used after it was left
  const LowerTrampoline* call_ = nullptr;
  boost::intrusive_ptr<task::Subtask> subtask_;  // while it waits
  std::array<abi::CoreValue, abi::kMaxFlatResults> flat_{};
  Hook in_instance_;
};

// Those of an instance that are not over.
class HostTasks : Pinned {
 public:
  ~HostTasks() { stop(); }
  void add(HostTask& task) { list_.push_back(task); }
  void remove(HostTask& task) { list_.erase(List::s_iterator_to(task)); }
  static bool has(const HostTask& task) { return task.in_instance_.is_linked(); }
  // Nobody waits for any of them.
  void stop() noexcept;

 private:
  using List =
      boost::intrusive::list<HostTask, boost::intrusive::member_hook<HostTask, HostTask::Hook, &HostTask::in_instance_>,
                             boost::intrusive::constant_time_size<false>>;
  List list_;
};

}  // namespace weft::component
