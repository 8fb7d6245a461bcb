// How a guest waits. Everything here belongs to one loop and is touched by its thread only.
//
// A service that has to wait owns a Signal and notifies it when its state may have changed. A waiting fiber
// subscribes a Waker to all signals it cares about, suspends, and looks again when woken: waking early is harmless,
// waking never is the fault to avoid.
#pragma once

#include <cstddef>

#include "util/pinned.h"

namespace weft::host {

// What is to be resumed. `wake` must not resume a guest inline: it posts to the loop.
class Waker {
 public:
  virtual void wake() noexcept = 0;

 protected:
  ~Waker() = default;
};

class Signal;

// One waker's place in one signal's list; leaves the list when destroyed.
class Subscription : Pinned {
 public:
  Subscription() = default;
  ~Subscription() { unsubscribe(); }
  void subscribe(Signal& signal, Waker& waker);
  void unsubscribe();

 private:
  friend class Signal;
  Signal* signal_ = nullptr;
  Waker* waker_ = nullptr;
  Subscription* next_ = nullptr;
  Subscription* previous_ = nullptr;
};

class Signal : Pinned {
 public:
  Signal() = default;
  ~Signal();
  // Wakes all subscribers once. They stay subscribed until they unsubscribe; whoever is woken may
  // unsubscribe others, notify again, or destroy the signal.
  void notify() noexcept;
  bool has_subscribers() const { return first_ != nullptr; }

 private:
  friend class Subscription;
  // A notify() under way, with those that it is within.
  struct Walk {
    Subscription* next;
    Walk* outer;
    bool over;
  };
  Subscription* first_ = nullptr;
  Walk* walks_ = nullptr;
};

// Something a guest can poll (wasi:io/poll).
class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual bool ready() = 0;
  // Notified whenever ready() may have become true. Lives as long as the pollable. Starts what must be started for
  // that to happen, such as a timer.
  virtual Signal& signal() = 0;
};

}  // namespace weft::host
