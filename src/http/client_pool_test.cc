#include "http/client_pool.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

class FakeConnection final : public PooledConnection {
 public:
  using PooledConnection::PooledConnection;
  bool usable() override { return usable_; }
  void close() override { closed = true; }
  void rest() override { rested = true; }
  bool is_shared() const override { return shared; }
  std::size_t capacity() override { return 2; }
  bool usable_ = true;
  bool shared = false;
  bool closed = false;
  bool rested = false;
};

class Pool : public ::testing::Test {
 protected:
  Loop loop;
  PoolLimits limits{.connections = 3, .connections_of_owner = 2, .waiting = 3, .waiting_of_owner = 2};
  ConnectionPool pool{loop, limits};
  const Route a = route("a.example", "one");
  const Route b = route("b.example", "one");
  const Route c = route("c.example", "two");
  const Route d = route("d.example", "three");

  static Route route(std::string host, std::string owner) { return {{false, std::move(host), 80}, std::move(owner)}; }
  // A connection opened by a grant.
  std::shared_ptr<FakeConnection> open(const Route& of) {
    const auto grant = pool.acquire(of, false);
    EXPECT_TRUE(grant && grant->connection == nullptr);
    return std::make_shared<FakeConnection>(of);
  }
};

TEST_F(Pool, TheConnectionUsedLastIsUsedFirst) {
  const auto first = open(a);
  const auto second = open(a);
  pool.give_back(first);
  pool.give_back(second);
  EXPECT_EQ(pool.acquire(a, false)->connection, second);
  EXPECT_EQ(pool.acquire(a, false)->connection, first);
}

TEST_F(Pool, ARouteIsHostPortSchemeAndOwner) {
  pool.give_back(open(a));
  for (Route other : {route("b.example", "one"), route("a.example", "two")}) {
    EXPECT_EQ(pool.acquire(other, false)->connection, nullptr);
    pool.give_up(other);
  }
  Route other = a;
  other.origin.tls = true;
  EXPECT_EQ(pool.acquire(other, false)->connection, nullptr);
  pool.give_up(other);
  other = a;
  other.origin.port = 81;
  EXPECT_EQ(pool.acquire(other, false)->connection, nullptr);
}

TEST_F(Pool, WhatIsNoLongerUsableIsClosedAndNotGiven) {
  const auto dead = open(a);
  pool.give_back(dead);
  dead->usable_ = false;
  EXPECT_EQ(pool.acquire(a, false)->connection, nullptr);
  EXPECT_TRUE(dead->closed);
  EXPECT_EQ(pool.connections(), 1u);
}

TEST_F(Pool, AFreshConnectionIsNotOneThatWasUsed) {
  pool.give_back(open(a));
  EXPECT_EQ(pool.acquire(a, true)->connection, nullptr);
}

TEST_F(Pool, AnOwnerHasALimitOfItsOwn) {
  open(a);
  open(b);
  EXPECT_FALSE(pool.acquire(a, false));
  EXPECT_TRUE(pool.acquire(c, false));
}

TEST_F(Pool, AnIdleConnectionMakesRoomForAnother) {
  const auto old = open(a);
  const auto idle = open(b);
  pool.give_back(old);
  pool.give_back(idle);
  // The owner's limit: the one that was idle for longest goes.
  EXPECT_TRUE(pool.acquire(route("x.example", "one"), false));
  EXPECT_TRUE(old->closed);
  EXPECT_FALSE(idle->closed);
  // The limit of all: another owner's goes too.
  open(c);
  EXPECT_TRUE(pool.acquire(d, false));
  EXPECT_TRUE(idle->closed);
  EXPECT_EQ(pool.connections(), 3u);
}

TEST_F(Pool, AWaiterGetsTheConnectionThatIsGivenBack) {
  const auto first = open(a);
  open(a);
  EXPECT_FALSE(pool.acquire(a, false));
  ConnectionPool::Waiter waiter(pool, a);
  ASSERT_TRUE(pool.wait(waiter));
  EXPECT_FALSE(waiter.take());
  pool.give_back(first);
  const auto grant = waiter.take();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->connection, first);
  EXPECT_EQ(pool.waiting(), 0u);
}

TEST_F(Pool, AWaiterGetsTheRoomThatBecomesFree) {
  open(a);
  open(b);
  const Route other = route("x.example", "one");
  ConnectionPool::Waiter waiter(pool, other);
  ASSERT_TRUE(pool.wait(waiter));
  pool.give_up(a);
  const auto grant = waiter.take();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->connection, nullptr);
  EXPECT_EQ(pool.connections(), 2u);
}

TEST_F(Pool, AWaiterAtItsOwnersLimitHoldsNobodyElseBack) {
  open(a);
  open(b);
  open(c);
  ConnectionPool::Waiter blocked(pool, a);
  ConnectionPool::Waiter other(pool, d);
  ASSERT_TRUE(pool.wait(blocked));
  ASSERT_TRUE(pool.wait(other));
  pool.give_up(c);
  EXPECT_FALSE(blocked.take());
  EXPECT_TRUE(other.take());
}

TEST_F(Pool, AWaiterThatLeavesGivesItsGrantToTheNext) {
  const auto first = open(a);
  open(a);
  std::optional<ConnectionPool::Waiter> leaving;
  leaving.emplace(pool, a);
  ConnectionPool::Waiter next(pool, a);
  ASSERT_TRUE(pool.wait(*leaving));
  ASSERT_TRUE(pool.wait(next));
  pool.give_back(first);
  leaving.reset();
  const auto grant = next.take();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->connection, first);
}

TEST_F(Pool, AWaiterThatLeavesWithoutAGrantLeavesTheQueue) {
  open(a);
  open(a);
  std::optional<ConnectionPool::Waiter> leaving;
  leaving.emplace(pool, a);
  ASSERT_TRUE(pool.wait(*leaving));
  leaving.reset();
  EXPECT_EQ(pool.waiting(), 0u);
  pool.give_up(a);
}

TEST_F(Pool, TheQueueIsBounded) {
  ConnectionPool::Waiter first(pool, a), second(pool, b), third(pool, a), other(pool, c), last(pool, d);
  EXPECT_TRUE(pool.wait(first));
  EXPECT_TRUE(pool.wait(second));
  EXPECT_FALSE(pool.wait(third));  // its owner has two
  EXPECT_TRUE(pool.wait(other));
  EXPECT_FALSE(pool.wait(last));
}

TEST_F(Pool, IdleConnectionsAreClosedAfterATime) {
  const auto idle = open(a);
  const auto dead = open(b);
  pool.give_back(idle);
  pool.give_back(dead);
  dead->usable_ = false;
  const auto now = std::chrono::steady_clock::now();
  const auto next = pool.sweep(now);
  EXPECT_TRUE(dead->closed);
  EXPECT_FALSE(idle->closed);
  EXPECT_TRUE(idle->rested);
  ASSERT_TRUE(next);
  EXPECT_LE(*next, now + limits.idle_timeout);
  EXPECT_FALSE(pool.sweep(now + limits.idle_timeout + std::chrono::seconds(1)));
  EXPECT_TRUE(idle->closed);
  EXPECT_EQ(pool.connections(), 0u);
}

// ---- connections that many exchanges share ----

class SharedPool : public Pool {
 protected:
  const Route e = {{true, "e.example", 443}, "one", true};

  std::shared_ptr<FakeConnection> open_shared() {
    const auto connection = open(e);
    connection->shared = true;
    pool.opened(connection);
    return connection;
  }
};

TEST_F(SharedPool, OneConnectionCarriesAsManyExchangesAsItTakes) {
  const auto connection = open_shared();
  EXPECT_EQ(pool.acquire(e, false)->connection, connection);
  EXPECT_FALSE(pool.acquire(e, false));
  EXPECT_EQ(pool.connections(), 1u);
  EXPECT_EQ(pool.idle(), 0u);
  pool.leave(connection);
  EXPECT_EQ(pool.acquire(e, false)->connection, connection);
}

TEST_F(SharedPool, WhoWaitsForAPlaceGetsIt) {
  const auto connection = open_shared();
  pool.acquire(e, false);
  ConnectionPool::Waiter waiter(pool, e);
  ASSERT_TRUE(pool.wait(waiter));
  pool.leave(connection);
  const auto grant = waiter.take();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->connection, connection);
}

TEST_F(SharedPool, OneIsOpenedAndTheOthersWaitForIt) {
  const auto connection = open(e);
  EXPECT_FALSE(pool.acquire(e, false));
  ConnectionPool::Waiter waiter(pool, e);
  ASSERT_TRUE(pool.wait(waiter));
  connection->shared = true;
  pool.opened(connection);
  EXPECT_EQ(waiter.take()->connection, connection);
  EXPECT_EQ(pool.connections(), 1u);
}

TEST_F(SharedPool, WhatTurnsOutNotToBeSharedIsNotWaitedForAgain) {
  const auto connection = open(e);
  ConnectionPool::Waiter waiter(pool, e);
  ASSERT_TRUE(pool.wait(waiter));
  pool.opened(connection);
  const auto grant = waiter.take();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->connection, nullptr);
  EXPECT_EQ(pool.connections(), 2u);
  pool.give_back(connection);
  EXPECT_EQ(pool.acquire(e, false)->connection, connection);
}

TEST_F(SharedPool, WhenOpeningFailsTheNextTries) {
  open(e);
  ConnectionPool::Waiter waiter(pool, e);
  ASSERT_TRUE(pool.wait(waiter));
  pool.not_opened(e);
  const auto grant = waiter.take();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->connection, nullptr);
  EXPECT_EQ(pool.connections(), 1u);
}

TEST_F(SharedPool, WhatIsNoLongerUsableEndsWithItsLastExchange) {
  const auto connection = open_shared();
  connection->usable_ = false;
  EXPECT_EQ(pool.acquire(e, false)->connection, nullptr);
  EXPECT_FALSE(connection->closed);
  pool.leave(connection);
  EXPECT_TRUE(connection->closed);
  EXPECT_EQ(pool.connections(), 1u);
}

TEST_F(SharedPool, AnIdleOneIsClosedInTimeOrMakesRoom) {
  const auto connection = open_shared();
  pool.leave(connection);
  EXPECT_EQ(pool.idle(), 1u);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(pool.sweep(now));
  EXPECT_FALSE(connection->closed);
  EXPECT_FALSE(pool.sweep(now + limits.idle_timeout + std::chrono::seconds(1)));
  EXPECT_TRUE(connection->closed);
  const auto other = open_shared();
  pool.leave(other);
  open(a);
  open(b);
  EXPECT_TRUE(other->closed);
}

TEST_F(SharedPool, AtTheEndWhatIsInUseIsClosedWhenItIsLeft) {
  const auto connection = open_shared();
  pool.close_idle();
  EXPECT_FALSE(connection->closed);
  pool.leave(connection);
  EXPECT_TRUE(connection->closed);
  EXPECT_EQ(pool.connections(), 0u);
}

TEST_F(Pool, LoopsShareAQuota) {
  const auto quota = std::make_shared<ConnectionQuota>(
      ConnectionQuota::Limits{.requests = 2, .sockets = std::nullopt, .total = std::nullopt});
  limits.quota = quota;
  ConnectionPool here(loop, limits), there(loop, limits);
  const auto turn = [this] {
    loop.restart();
    loop.poll();
  };
  const auto first = std::make_shared<FakeConnection>(a), second = std::make_shared<FakeConnection>(c);
  ASSERT_TRUE(here.acquire(a, false));
  ASSERT_TRUE(here.acquire(c, false));
  here.give_back(first);
  // One that is idle elsewhere makes room.
  ASSERT_FALSE(there.acquire(d, false));
  ConnectionPool::Waiter waiter(there, d);
  ASSERT_TRUE(there.wait(waiter));
  turn();
  EXPECT_TRUE(first->closed);
  auto grant = waiter.take();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->connection, nullptr);
  // One that is given back while somebody waits elsewhere is not kept.
  ASSERT_FALSE(there.acquire(b, false));
  ConnectionPool::Waiter next(there, b);
  ASSERT_TRUE(there.wait(next));
  here.give_back(second);
  EXPECT_TRUE(second->closed);
  turn();
  EXPECT_TRUE(next.take());
  there.give_up(d);
  there.give_up(b);
  EXPECT_EQ(here.connections() + there.connections(), 0u);
}

TEST_F(Pool, AnIdleConnectionOfOnesOwnMakesRoomInTheQuota) {
  limits.quota = std::make_shared<ConnectionQuota>(
      ConnectionQuota::Limits{.requests = 1, .sockets = std::nullopt, .total = std::nullopt});
  ConnectionPool limited(loop, limits);
  ASSERT_TRUE(limited.acquire(a, false));
  const auto kept = std::make_shared<FakeConnection>(a);
  limited.give_back(kept);
  EXPECT_FALSE(kept->closed);
  EXPECT_EQ(limited.acquire(a, false)->connection, kept);
  limited.give_back(kept);
  EXPECT_EQ(limited.acquire(b, false)->connection, nullptr);
  EXPECT_TRUE(kept->closed);
  limited.give_up(b);
}

TEST_F(Pool, NobodyWaitsWhereThereIsNeverRoom) {
  limits.quota = std::make_shared<ConnectionQuota>(
      ConnectionQuota::Limits{.requests = 0, .sockets = std::nullopt, .total = std::nullopt});
  ConnectionPool limited(loop, limits);
  EXPECT_FALSE(limited.acquire(a, false));
  ConnectionPool::Waiter waiter(limited, a);
  EXPECT_FALSE(limited.wait(waiter));
}

}  // namespace
}  // namespace weft::http
