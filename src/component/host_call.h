// One call of a host function by a guest. What all of them need is found here once, so that the code made for each
// function (bind/thunk.h) is only what differs.
#pragma once

#include "abi/context.h"
#include "abi/core_value.h"
#include "abi/layout.h"
#include "abi/resource.h"
#include "component/plan.h"
#include "util/pinned.h"

namespace weft::component {

class Instance;

// Lives on the fiber's stack during the call.
class HostCall : Pinned {
 public:
  // `values` are the core values that the guest gave. Traps if they say that arguments are where no memory is.
  HostCall(Instance& instance, const LowerTrampoline& lower, abi::CoreValue* values);

  Instance& instance;
  abi::ComponentInstance& caller;
  const LowerTrampoline& lower;
  abi::Lenders lenders;             // of what the arguments lend; none once a HostTask attends to the call
  abi::LiftContext lift;            // of the arguments
  const std::uint32_t flat_params;  // core values that the arguments are, if they are not in memory
  bool params_in_memory = false;    // where the first core value says, and checked to be there
  std::uint32_t result_at = 0;      // where the guest wants the result, if it goes through memory
  std::uint64_t lowered_bytes = 0;  // guest memory that lowering the result allocated
  bool attended = false;            // HostTask::attend() was called

  abi::LowerContext lower_context() const;
  // The host function has returned: counts what was copied, and unless it is attended to, ends the loans and says so to
  // an asynchronous caller.
  void end(abi::CoreValue* values);
};

}  // namespace weft::component
