#include "trigger/instance_pool.h"

#include "trigger/http_run.h"

namespace weft::trigger {

HttpRun* InstancePool::find() {
  while (!ready_.empty()) {
    auto& run = static_cast<HttpRun&>(ready_.front());
    if (run.accepts()) return &run;
    // Once it accepts again, it says so. One that never does again ends, now or when it has nothing to do.
    take(run);
  }
  return nullptr;
}

void InstancePool::put(HttpRun& run) {
  take(run);
  ready_.push_front(run);
}

void InstancePool::take(HttpRun& run) {
  InPool& place = run;
  if (place.is_linked()) place.unlink();
}

}  // namespace weft::trigger
