#include "host/signal.h"

namespace weft::host {

void Subscription::subscribe(Signal& signal, Waker& waker) {
  unsubscribe();
  signal_ = &signal;
  waker_ = &waker;
  previous_ = nullptr;
  next_ = signal.first_;
  if (next_ != nullptr) next_->previous_ = this;
  signal.first_ = this;
}

void Subscription::unsubscribe() {
  if (signal_ == nullptr) return;
  for (Signal::Walk* walk = signal_->walks_; walk != nullptr; walk = walk->outer) {
    if (walk->next == this) walk->next = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ != nullptr ? previous_->next_ : signal_->first_) = next_;
  signal_ = nullptr;
}

Signal::~Signal() {
  while (first_ != nullptr) first_->unsubscribe();
  for (Walk* walk = walks_; walk != nullptr; walk = walk->outer) walk->over = true;
}

void Signal::notify() noexcept {
  Walk walk{.next = first_, .outer = walks_, .over = false};
  walks_ = &walk;
  while (walk.next != nullptr) {
    Subscription& at = *walk.next;
    walk.next = at.next_;
    at.waker_->wake();
    if (walk.over) return;
  }
  walks_ = walk.outer;
}

}  // namespace weft::host
