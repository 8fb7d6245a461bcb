#include "provider/linked_key_value.h"

#include <thread>

#include "provider/testing/fake_key_value.h"
#include "provider/testing/key_value_contract.h"

namespace weft::provider {
namespace {

using testing::bytes;
using testing::FakeKeyValue;
using testing::KeyValueCase;
using testing::KeyValueContract;
using testing::KeyValueHarness;
using testing::run;
using testing::text;

class LinkedHarness final : public KeyValueHarness {
 public:
  KeyValueStore& store() override { return link_; }

 private:
  LinkedKeyValue link_{std::make_shared<MemoryKeyValue>()};
};

INSTANTIATE_TEST_SUITE_P(Linked, KeyValueContract,
                         ::testing::Values(KeyValueCase{"linked", [] { return std::make_unique<LinkedHarness>(); }}));

class LinkedKeyValueTest : public ::testing::Test {
 protected:
  std::string get(KeyValueStore& store, std::string key) {
    const auto found = run(loop, store.get(std::move(key))).value();
    return found ? text(*found) : "(none)";
  }
  void fill(KeyValueStore& store, int count, const std::string& prefix = "key-") {
    KeyValues values;
    for (int i = 0; i < count; ++i) values.emplace_back(prefix + std::to_string(i), bytes(std::to_string(i)));
    ASSERT_TRUE(run(loop, store.set_many(values)));
  }
  std::shared_ptr<FakeKeyValue> first = std::make_shared<FakeKeyValue>();
  std::shared_ptr<FakeKeyValue> second = std::make_shared<FakeKeyValue>();
  LinkedKeyValue link{first};
  Loop loop;
};

TEST_F(LinkedKeyValueTest, AMoveTakesEverythingAlong) {
  fill(*first, 5000);
  ASSERT_TRUE(run(loop, first->set("big", Bytes(30 << 20))));
  const auto moved = run(loop, link.move_to(second, Existing::refuse));
  ASSERT_TRUE(moved) << moved.error().message();
  EXPECT_EQ(*moved, 5001u);
  EXPECT_EQ(link.store(), second);
  EXPECT_EQ(link.generation(), 2u);
  EXPECT_EQ(get(*second, "key-4999"), "4999");
  ASSERT_TRUE(run(loop, link.set("new", bytes("1"))));
  EXPECT_EQ(get(*first, "new"), "(none)");
  EXPECT_EQ(get(*second, "new"), "1");
}

TEST_F(LinkedKeyValueTest, KeysThatTheNewStoreHasAreTreatedAsAsked) {
  fill(*first, 3);
  fill(*second, 2, "old-");
  const auto refused = run(loop, link.move_to(second, Existing::refuse));
  ASSERT_FALSE(refused);
  EXPECT_EQ(link.store(), first);
  ASSERT_TRUE(run(loop, link.move_to(second, Existing::merge)));
  EXPECT_EQ(get(*second, "old-1") + get(*second, "key-1"), "11");
  ASSERT_TRUE(run(loop, link.remove("key-1")));
  ASSERT_TRUE(run(loop, link.move_to(first, Existing::replace)));
  EXPECT_EQ(get(*first, "key-1"), "(none)");
  EXPECT_EQ(get(*first, "old-1"), "1");
}

TEST_F(LinkedKeyValueTest, AMoveThatFailsAnywhereLeavesTheOldStoreCurrent) {
  fill(*first, 10);
  second->fail_next(Errc::unavailable, "it is down");
  const auto down = run(loop, link.move_to(second, Existing::refuse));
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().message(), "it is down");
  EXPECT_EQ(link.store(), first);
  EXPECT_EQ(link.generation(), 1u);
  first->fail_next(Errc::io);  // the listing
  ASSERT_FALSE(run(loop, link.move_to(second, Existing::refuse)));
  EXPECT_EQ(link.store(), first);
  ASSERT_TRUE(run(loop, link.set("after", bytes("1"))));
  EXPECT_EQ(get(*first, "after"), "1");
  ASSERT_TRUE(run(loop, link.move_to(second, Existing::replace)));
}

TEST_F(LinkedKeyValueTest, AMoveIsCommittedWhenAllIsCopiedAndNotMadeIfThatFails) {
  fill(*first, 10);
  std::string seen;
  const auto failed = run(loop, link.move_to(second, Existing::refuse, [&]() -> Result<void> {
    seen = "called";
    return fail(Errc::io, "the disk is full");
  }));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), "the disk is full");
  EXPECT_EQ(seen, "called");
  EXPECT_EQ(link.store(), first);
  EXPECT_EQ(get(*second, "key-9"), "9");
  ASSERT_TRUE(run(loop, link.set("key-9", bytes("goes on"))));
}

TEST_F(LinkedKeyValueTest, ACursorOfTheOldStoreIsRefusedByTheNew) {
  fill(*first, 3000);
  auto page = run(loop, link.list_keys(std::nullopt)).value();
  ASSERT_TRUE(run(loop, link.move_to(second, Existing::refuse)));
  const auto next = run(loop, link.list_keys(page.next));
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code(), Errc::invalid);
}

TEST_F(LinkedKeyValueTest, MovesBackAndForthUnderLoadLoseNothingAndFailNothing) {
  fill(*first, 500, "idle-");
  constexpr int loops = 3, tasks = 8;
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  std::atomic<std::int64_t> counted = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < loops; ++t) {
    threads.emplace_back([&, t] {
      Loop mine{1};
      for (int i = 0; i < tasks; ++i) {
        boost::asio::co_spawn(
            mine,
            [&, t, i]() -> awaitable<void> {
              const std::string own = "own-" + std::to_string(t) + "-" + std::to_string(i);
              for (int n = 0; !stop; ++n) {
                if (co_await link.increment("shared", 1))
                  ++counted;
                else
                  ++failures;
                if (!co_await link.set(own, bytes(std::to_string(n)))) ++failures;
                const auto seen = co_await link.get(own);
                if (!seen || !*seen || text(**seen) != std::to_string(n)) ++failures;
              }
            },
            [](std::exception_ptr failure) { EXPECT_EQ(failure, nullptr); });
      }
      mine.run();
    });
  }
  for (int i = 0; i < 50; ++i) {
    const auto moved = run(loop, link.move_to(i % 2 == 0 ? second : first, Existing::replace));
    EXPECT_TRUE(moved) << moved.error().message();
  }
  stop = true;
  threads.clear();
  EXPECT_EQ(failures, 0);
  EXPECT_GT(counted, 0);
  EXPECT_EQ(run(loop, link.increment("shared", 0)).value(), counted);
  EXPECT_EQ(get(link, "idle-499"), "499");
}

}  // namespace
}  // namespace weft::provider
