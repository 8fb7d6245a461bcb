// The instances of one component on one loop that take further requests.
#pragma once

#include <boost/intrusive/list.hpp>

#include "util/pinned.h"

namespace weft::trigger {

class HttpRun;

// What an HttpRun is in a pool by.
using InPool = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Belongs to its loop; shared by whoever hands out requests and by the instances, which are kept by HttpRuns.
class InstancePool : Pinned {
 public:
  // One that takes a request now: the one that was used last, so that the others' time to be idle runs out. Null: there
  // is none.
  HttpRun* find();
  void put(HttpRun& run);
  static void take(HttpRun& run);
  // A task of the component was told to end, and ended, with its instance whole. Until one was, none is told while
  // others would suffer: bindings of some languages answer with a trap.
  bool ends_when_told = false;

 private:
  boost::intrusive::list<InPool, boost::intrusive::constant_time_size<false>> ready_;
};

}  // namespace weft::trigger
