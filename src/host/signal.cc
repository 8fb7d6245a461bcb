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
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ != nullptr ? previous_->next_ : signal_->first_) = next_;
  signal_ = nullptr;
}

Signal::~Signal() {
  while (first_ != nullptr) first_->unsubscribe();
}

void Signal::notify() noexcept {
  for (Subscription* at = first_; at != nullptr; at = at->next_) at->waker_->wake();
}

}  // namespace weft::host
