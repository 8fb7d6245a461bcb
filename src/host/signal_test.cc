#include "host/signal.h"

#include <gtest/gtest.h>

#include <memory>

namespace weft::host {
namespace {

struct Counter final : Waker {
  int woken = 0;
  void wake() noexcept override { ++woken; }
};

TEST(Signal, NotifyWakesEverySubscriberUntilItLeaves) {
  Signal signal;
  Counter a, b;
  Subscription of_a, of_b;
  of_a.subscribe(signal, a);
  of_b.subscribe(signal, b);
  signal.notify();
  of_a.unsubscribe();
  signal.notify();
  EXPECT_EQ(a.woken, 1);
  EXPECT_EQ(b.woken, 2);
}

TEST(Signal, ADestroyedSubscriptionIsNotWoken) {
  Signal signal;
  Counter counter;
  {
    Subscription gone;
    gone.subscribe(signal, counter);
  }
  EXPECT_FALSE(signal.has_subscribers());
  signal.notify();
  EXPECT_EQ(counter.woken, 0);
}

TEST(Signal, ASubscriptionOutlivesItsSignal) {
  Counter counter;
  Subscription subscription;
  auto signal = std::make_unique<Signal>();
  subscription.subscribe(*signal, counter);
  signal.reset();
  subscription.unsubscribe();
  Signal other;
  subscription.subscribe(other, counter);
  other.notify();
  EXPECT_EQ(counter.woken, 1);
}

}  // namespace
}  // namespace weft::host
