// What tasks keep for one component instance, beside what calls do (CanonicalABI.md "Component Instance State").
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>

#include "abi/instance.h"
#include "task/thread.h"

namespace weft::task {

// Threads by the indices that guests see: the one freed last is used first. As many as there are at a time, which their
// makers bound.
class ThreadTable {
 public:
  std::uint32_t add(Thread& thread);
  // Traps if there is none.
  Thread& get(std::uint32_t index) const;
  void remove(std::uint32_t index);

 private:
  // Most instances never have more than one thread at a time.
  boost::container::small_vector<Thread*, 4> threads_{nullptr};
  boost::container::small_vector<std::uint32_t, 4> free_;
};

struct ComponentInstance : abi::ComponentInstance {
  using abi::ComponentInstance::ComponentInstance;

  Thread* exclusive_thread = nullptr;      // of a task that must be alone: nothing else of its kind begins meanwhile
  std::uint32_t num_waiting_to_enter = 0;  // tasks that back-pressure keeps from starting
  ThreadTable threads;
};

}  // namespace weft::task
