// Tells the thread sanitizer which stack runs: it follows no switch of the engine's by itself, and would hang or
// invent races. Nothing in other builds. The address sanitizer needs no help.
#pragma once

#include "util/pinned.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEFT_THREAD_SANITIZER 1
#include <sanitizer/tsan_interface.h>
#endif
#endif

namespace weft::wasm {

#ifdef WEFT_THREAD_SANITIZER

// One for each future that may suspend; `Enter` surrounds each poll and the deletion.
class SanitizerFiber : Pinned {
 public:
  ~SanitizerFiber() { __tsan_destroy_fiber(fiber_); }

  class Enter : Pinned {
   public:
    explicit Enter(SanitizerFiber& to) : from_(__tsan_get_current_fiber()) { __tsan_switch_to_fiber(to.fiber_, 0); }
    ~Enter() { __tsan_switch_to_fiber(from_, 0); }

   private:
    void* from_;
  };

 private:
  void* fiber_ = __tsan_create_fiber(0);
};

#else

class SanitizerFiber {
 public:
  struct Enter {
    explicit Enter(SanitizerFiber&) {}
    ~Enter() {}
  };
};

#endif

}  // namespace weft::wasm
