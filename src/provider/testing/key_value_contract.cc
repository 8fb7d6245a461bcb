#include "provider/testing/key_value_contract.h"

#include <algorithm>
#include <set>
#include <thread>

namespace weft::provider::testing {

std::string KeyValueContract::get(std::string key) {
  const auto found = run(store().get(std::move(key)));
  if (!found) return "(error: " + found.error().message() + ")";
  return *found ? text(**found) : "(none)";
}

std::vector<std::string> KeyValueContract::all_keys() {
  std::set<std::string> keys;
  std::optional<std::string> cursor;
  do {
    auto page = run(store().list_keys(cursor));
    EXPECT_TRUE(page) << page.error().message();
    if (!page) break;
    keys.insert(page->keys.begin(), page->keys.end());
    cursor = std::move(page->next);
  } while (cursor);
  return {keys.begin(), keys.end()};
}

namespace {

using Keys = std::vector<std::string>;

TEST_P(KeyValueContract, AnEmptyStoreHasNothing) {
  EXPECT_EQ(get("a"), "(none)");
  EXPECT_EQ(run(store().exists("a")).value(), false);
  EXPECT_TRUE(run(store().remove("a")));
  EXPECT_EQ(all_keys(), Keys());
  EXPECT_TRUE(run(store().check()));
}

TEST_P(KeyValueContract, AValueIsThereUntilItIsReplacedOrRemoved) {
  set("a", "one");
  EXPECT_EQ(get("a"), "one");
  EXPECT_EQ(run(store().exists("a")).value(), true);
  set("a", "two");
  EXPECT_EQ(get("a"), "two");
  EXPECT_EQ(all_keys(), Keys{"a"});
  EXPECT_TRUE(run(store().remove("a")));
  EXPECT_EQ(get("a"), "(none)");
  EXPECT_EQ(run(store().exists("a")).value(), false);
}

TEST_P(KeyValueContract, KeysAndValuesAreAnyBytesThatTheirTypesAllow) {
  const Keys keys{"", "a b", std::string("nul\0inside", 10), "grün", "*", "a%b_c", "\n\r\n$3\r\n", "'quoted'"};
  for (const std::string& key : keys) set(key, "value of " + key);
  for (const std::string& key : keys) EXPECT_EQ(get(key), "value of " + key);
  Keys sorted = keys;
  std::ranges::sort(sorted);
  EXPECT_EQ(all_keys(), sorted);

  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
  set("bytes", every_byte);
  EXPECT_EQ(get("bytes"), every_byte);
  set("empty", "");
  EXPECT_EQ(get("empty"), "");
  EXPECT_EQ(run(store().exists("empty")).value(), true);
}

TEST_P(KeyValueContract, BigValuesAndTheLongestKeysPassWhole) {
  const std::string longest(max_key_bytes, 'k');
  std::string big(std::size_t{9} << 20, 'x');
  for (std::size_t i = 0; i < big.size(); i += 4097) big[i] = static_cast<char>(i);
  set(longest, big);
  EXPECT_EQ(get(longest), big);
}

TEST_P(KeyValueContract, ManyKeysAreListedInPages) {
  KeyValues values;
  Keys expected;
  for (int i = 0; i < 2500; ++i) {
    expected.push_back("key-" + std::to_string(i));
    values.emplace_back(expected.back(), bytes("v"));
  }
  ASSERT_TRUE(run(store().set_many(values)));
  const auto first = run(store().list_keys(std::nullopt));
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->next);
  EXPECT_LT(first->keys.size(), expected.size());
  std::ranges::sort(expected);
  EXPECT_EQ(all_keys(), expected);
}

TEST_P(KeyValueContract, AKeyThatStaysIsListedWhateverElseChangesMeanwhile) {
  KeyValues values;
  for (int i = 0; i < 3000; ++i) values.emplace_back("gone-" + std::to_string(i), bytes("v"));
  for (int i = 0; i < 500; ++i) values.emplace_back("stays-" + std::to_string(i), bytes("v"));
  ASSERT_TRUE(run(store().set_many(values)));
  std::set<std::string> seen;
  std::optional<std::string> cursor;
  int removed = 0;
  do {
    auto page = run(store().list_keys(cursor));
    ASSERT_TRUE(page) << page.error().message();
    seen.insert(page->keys.begin(), page->keys.end());
    cursor = page->next;
    Keys victims;
    for (int i = 0; i < 400 && removed < 3000; ++i) victims.push_back("gone-" + std::to_string(removed++));
    ASSERT_TRUE(run(store().remove_many(victims)));
  } while (cursor);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(seen.contains("stays-" + std::to_string(i))) << i;
}

TEST_P(KeyValueContract, ACursorOfSomethingElseIsRefused) {
  set("a", "1");
  for (const char* cursor : {"0", "x", "", "99999999999999999999999"}) {
    const auto page = run(store().list_keys(cursor));
    ASSERT_FALSE(page) << cursor;
    EXPECT_EQ(page.error().code(), Errc::invalid);
  }
}

TEST_P(KeyValueContract, ABatchIsAnsweredInTheOrderAsked) {
  ASSERT_TRUE(run(store().set_many({{"a", bytes("1")}, {"b", bytes("2")}, {"a", bytes("3")}})));
  const auto found = run(store().get_many({"b", "missing", "a", "b"}));
  ASSERT_TRUE(found) << found.error().message();
  const FoundValues expected{{"b", bytes("2")}, {"missing", std::nullopt}, {"a", bytes("3")}, {"b", bytes("2")}};
  EXPECT_EQ(*found, expected);
  ASSERT_TRUE(run(store().remove_many({"a", "missing"})));
  EXPECT_EQ(all_keys(), Keys{"b"});
}

TEST_P(KeyValueContract, EmptyBatchesAreNothing) {
  EXPECT_TRUE(run(store().set_many({})));
  EXPECT_TRUE(run(store().remove_many({})));
  EXPECT_EQ(run(store().get_many({})).value(), FoundValues());
}

TEST_P(KeyValueContract, ABatchBeyondTheLimitIsAnErrorThatNamesIt) {
  const std::string megabyte(1 << 20, 'y');
  for (int i = 0; i < 9; ++i) set(std::to_string(i), megabyte);
  Keys keys;
  for (int i = 0; i < 150; ++i) keys.push_back(std::to_string(i % 9));
  const auto found = run(store().get_many(keys));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), Errc::limit);
  EXPECT_NE(found.error().message().find("query result exceeds limit of 134217728 bytes"), std::string::npos)
      << found.error().message();
  EXPECT_EQ(get("0"), megabyte);  // and the store goes on
}

TEST_P(KeyValueContract, ACounterCountsFromNothing) {
  EXPECT_EQ(run(store().increment("n", 10)).value(), 10);
  EXPECT_EQ(run(store().increment("n", 5)).value(), 15);
  EXPECT_EQ(run(store().increment("n", -40)).value(), -25);
  EXPECT_EQ(run(store().increment("n", 0)).value(), -25);
}

TEST_P(KeyValueContract, ACounterThatAnotherStoreKeptGoesOn) {
  set("text", "41");
  EXPECT_EQ(run(store().increment("text", 1)).value(), 42);
  EXPECT_EQ(get("text"), "42");
  set("negative", "-1");
  EXPECT_EQ(run(store().increment("negative", -1)).value(), -2);
  for (const std::int64_t number : {std::int64_t{41}, std::int64_t{-3}, INT64_MAX - 1, INT64_MIN}) {
    set("binary", std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
    EXPECT_EQ(run(store().increment("binary", 1)).value(), number + 1);
    EXPECT_EQ(run(store().increment("binary", 0)).value(), number + 1);
  }
}

TEST_P(KeyValueContract, WhatIsNoCounterIsRefusedAndStays) {
  set("text", "not a number");
  const auto sum = run(store().increment("text", 1));
  ASSERT_FALSE(sum);
  EXPECT_EQ(sum.error().code(), Errc::invalid) << sum.error().message();
  EXPECT_EQ(get("text"), "not a number");
}

TEST_P(KeyValueContract, ACounterDoesNotOverflow) {
  EXPECT_EQ(run(store().increment("n", INT64_MAX)).value(), INT64_MAX);
  const auto sum = run(store().increment("n", 1));
  ASSERT_FALSE(sum);
  EXPECT_EQ(sum.error().code(), Errc::invalid) << sum.error().message();
  EXPECT_EQ(run(store().increment("n", INT64_MIN)).value(), -1);
}

TEST_P(KeyValueContract, ASwapHappensOnlyIfTheValueIsAsExpected) {
  EXPECT_EQ(run(store().swap("a", bytes("old"), bytes("new"))).value(), false);
  EXPECT_EQ(get("a"), "(none)");
  EXPECT_EQ(run(store().swap("a", Nothing{}, bytes("first"))).value(), true);
  EXPECT_EQ(run(store().swap("a", Nothing{}, bytes("second"))).value(), false);
  EXPECT_EQ(get("a"), "first");
  EXPECT_EQ(run(store().swap("a", bytes("other"), bytes("third"))).value(), false);
  EXPECT_EQ(get("a"), "first");
  EXPECT_EQ(run(store().swap("a", bytes("first"), bytes("fourth"))).value(), true);
  EXPECT_EQ(get("a"), "fourth");
  EXPECT_EQ(run(store().swap("a", Anything{}, bytes("fifth"))).value(), true);
  EXPECT_EQ(run(store().swap("b", Anything{}, bytes("sixth"))).value(), true);
  EXPECT_EQ(get("a") + get("b"), "fifthsixth");
}

TEST_P(KeyValueContract, ManyCallsAtOnceFromSeveralLoopsLoseNothing) {
  constexpr int loops = 3, tasks = 16, rounds = 20;
  std::vector<std::jthread> threads;
  for (int t = 0; t < loops; ++t) {
    threads.emplace_back([this] {
      Loop mine{1};
      for (int i = 0; i < tasks; ++i) {
        boost::asio::co_spawn(
            mine,
            [this]() -> awaitable<void> {
              for (int r = 0; r < rounds; ++r) {
                const auto sum = co_await store().increment("shared", 1);
                EXPECT_TRUE(sum) << sum.error().message();
                const auto seen = co_await store().exists("shared");
                EXPECT_TRUE(seen && *seen);
              }
            },
            [](std::exception_ptr failure) { EXPECT_EQ(failure, nullptr); });
      }
      mine.run();
    });
  }
  threads.clear();
  EXPECT_EQ(run(store().increment("shared", 0)).value(), loops * tasks * rounds);
}

TEST_P(KeyValueContract, ACounterThatAnotherStoreKeptGoesOnForManyAtOnce) {
  const std::int64_t number = 1000;
  set("n", std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
  for (int i = 0; i < 50; ++i) {
    boost::asio::co_spawn(
        loop,
        [this]() -> awaitable<void> {
          const auto sum = co_await store().increment("n", 1);
          EXPECT_TRUE(sum) << sum.error().message();
        },
        [](std::exception_ptr failure) { EXPECT_EQ(failure, nullptr); });
  }
  loop.restart();
  loop.run();
  EXPECT_EQ(run(store().increment("n", 0)).value(), 1050);
}

TEST_P(KeyValueContract, OfSwapsAtOnceExactlyOneWinsEachRound) {
  set("turn", "0");
  for (int round = 0; round < 20; ++round) {
    int won = 0;
    for (int i = 0; i < 8; ++i) {
      boost::asio::co_spawn(
          loop,
          [this, round, i]() -> awaitable<bool> {
            const auto swapped =
                co_await store().swap("turn", bytes(std::to_string(round)), bytes(std::to_string(round + 1)));
            EXPECT_TRUE(swapped) << i << ": " << swapped.error().message();
            co_return swapped && *swapped;
          },
          [&won](std::exception_ptr, bool mine) { won += mine ? 1 : 0; });
    }
    loop.restart();
    loop.run();
    EXPECT_EQ(won, 1) << round;
  }
  EXPECT_EQ(get("turn"), "20");
}

}  // namespace
}  // namespace weft::provider::testing
