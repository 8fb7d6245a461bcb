#include "util/connection_quota.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

using enum ConnectionKind;

TEST(ConnectionQuota, EachKindAndAllTogetherHaveTheirLimit) {
  ConnectionQuota quota({.requests = 2, .sockets = 2, .total = 3});
  EXPECT_TRUE(quota.take(request));
  EXPECT_TRUE(quota.take(request));
  EXPECT_FALSE(quota.take(request));
  EXPECT_TRUE(quota.take(socket));
  EXPECT_FALSE(quota.take(socket));  // of all
  quota.give_back(request);
  EXPECT_TRUE(quota.take(socket));
  EXPECT_FALSE(quota.take(request));
  EXPECT_FALSE(quota.is_none(request));
}

TEST(ConnectionQuota, WithoutALimitThereIsNone) {
  ConnectionQuota quota({.requests = std::nullopt, .sockets = 1, .total = std::nullopt});
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(quota.take(request));
  EXPECT_TRUE(quota.take(socket));
  EXPECT_FALSE(quota.take(socket));
}

TEST(ConnectionQuota, ALimitOfNoneIsKnownBeforehand) {
  EXPECT_TRUE(ConnectionQuota({.requests = 0, .sockets = std::nullopt, .total = std::nullopt}).is_none(request));
  EXPECT_FALSE(ConnectionQuota({.requests = 0, .sockets = std::nullopt, .total = std::nullopt}).is_none(socket));
  EXPECT_TRUE(ConnectionQuota({.requests = std::nullopt, .sockets = std::nullopt, .total = 0}).is_none(socket));
}

TEST(ConnectionQuota, WhoWaitsIsToldOnceAndTheOthersAreAskedOnce) {
  Loop loop{1};
  ConnectionQuota quota({.requests = 1, .sockets = std::nullopt, .total = std::nullopt});
  int room = 0, wanted = 0;
  const auto keeper = std::make_shared<ConnectionQuota::Member>(loop, [] {}, [&] { ++wanted; });
  auto waiter = std::make_shared<ConnectionQuota::Member>(loop, [&] { ++room; }, [] {});
  quota.join(keeper);
  quota.join(waiter);
  EXPECT_TRUE(quota.take(request, keeper.get()));
  EXPECT_FALSE(quota.is_wanted());
  EXPECT_FALSE(quota.take(request, waiter.get()));
  EXPECT_FALSE(quota.take(request, waiter.get()));
  EXPECT_TRUE(quota.is_wanted());
  EXPECT_EQ(wanted, 0);  // on its loop
  loop.run();
  EXPECT_EQ(wanted, 1);
  EXPECT_EQ(room, 0);
  quota.give_back(request);
  EXPECT_FALSE(quota.is_wanted());
  loop.restart();
  loop.run();
  EXPECT_EQ(room, 1);
  EXPECT_TRUE(quota.take(request, waiter.get()));
  // One that has gone is told nothing.
  EXPECT_FALSE(quota.take(request, keeper.get()));
  EXPECT_FALSE(quota.take(request, waiter.get()));
  waiter.reset();
  quota.give_back(request);
  loop.restart();
  loop.run();
  EXPECT_EQ(room, 1);
}

}  // namespace
}  // namespace weft
