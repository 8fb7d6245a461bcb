#include "task/waitable.h"

#include "abi/trap.h"

namespace weft::task {

Waitable::~Waitable() {
  join(nullptr);
}

void Waitable::set_pending_event() {
  if (!pending_ && set_ != nullptr) set_->pending_.push_back(*this);
  pending_ = true;
}

void Waitable::clear_pending_event() {
  if (pending_ && set_ != nullptr) set_->pending_.erase(decltype(set_->pending_)::s_iterator_to(*this));
  pending_ = false;
}

Event Waitable::get_pending_event() {
  clear_pending_event();
  return deliver();
}

void Waitable::check_not_in_set(bool async) const {
  if (!async && in_waitable_set())
    throw abi::Trap("waitable cannot be used synchronously while added to a waitable set");
}

void Waitable::join(WaitableSet* set) {
  if (set_ != nullptr) {
    if (pending_) set_->pending_.erase(decltype(set_->pending_)::s_iterator_to(*this));
    set_->elements_.erase(decltype(set_->elements_)::s_iterator_to(*this));
  }
  set_ = set;
  if (set_ == nullptr) return;
  set_->elements_.push_back(*this);
  if (pending_) set_->pending_.push_back(*this);
}

WaitableSet::~WaitableSet() {
  while (!elements_.empty()) elements_.front().join(nullptr);
}

Event WaitableSet::get_pending_event() {
  return pending_.front().get_pending_event();
}

void WaitableSet::check_drop() const {
  if (!elements_.empty()) throw abi::Trap("cannot drop waitable set with waitables in it");
  if (num_waiting > 0) throw abi::Trap("cannot drop waitable set with waiters");
}

}  // namespace weft::task
