// spin:key-value@3.0.0 as a guest meets it, over stores that take their time; on a real loop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "component/test_guest.h"
#include "key_value/access.h"
#include "key_value/registry.h"
#include "provider/memory_key_value.h"
#include "util/timer.h"

namespace weft::key_value {
namespace {

using component::test::Guest;
using provider::Bytes;
using provider::KeyPage;
using testing::ElementsAre;
using testing::HasSubstr;

struct EveryStore final : host::Grants {
  host::Decision decide(host::Capability, const host::Target&) const override {
    return {.allowed = true, .reason = {}, .remedy = {}};
  }
};

awaitable<void> turn() {
  Timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(2));
  co_await timer.async_wait(use_awaitable);
}

// Answers after a while, and counts what is under way.
class SlowStore final : public provider::MemoryKeyValue {
 public:
  int begun = 0;
  int ended = 0;
  int most_at_once = 0;
  std::size_t value_bytes = 0;  // of every value that is read; 0: what was set
  std::optional<Error> failure;

  awaitable<Result<std::optional<Bytes>>> get(std::string key) override {
    co_await answer_later();
    if (failure) co_return std::unexpected(*failure);
    if (value_bytes > 0) co_return Bytes(value_bytes);
    co_return co_await MemoryKeyValue::get(std::move(key));
  }
  awaitable<Result<void>> set(std::string key, Bytes value) override {
    co_await answer_later();
    if (failure) co_return std::unexpected(*failure);
    co_return co_await MemoryKeyValue::set(std::move(key), std::move(value));
  }

 private:
  awaitable<void> answer_later() {
    most_at_once = std::max(most_at_once, ++begun - ended);
    co_await turn();
    ++ended;
  }
};

// Lists what a test says, a page at a time.
class Pages final : public provider::MemoryKeyValue {
 public:
  std::vector<Result<std::vector<std::string>>> pages;  // an error of a page is said once
  std::vector<std::string> asked;                       // cursors

  awaitable<Result<KeyPage>> list_keys(std::optional<std::string> cursor) override {
    asked.push_back(cursor.value_or("first"));
    co_await turn();
    const std::size_t number = cursor ? std::stoul(*cursor) : 0;
    auto& page = pages.at(number);
    if (!page) {
      const Error error = page.error();
      page.emplace();
      co_return std::unexpected(error);
    }
    co_return KeyPage{.keys = *page,
                      .next = number + 1 < pages.size() ? std::optional(std::to_string(number + 1)) : std::nullopt};
  }
};

Result<std::vector<std::string>> page(std::initializer_list<const char*> keys) {
  return std::vector<std::string>(keys.begin(), keys.end());
}

// `get` and `get-keys` do not hold the guest, `open` and `set` do; `set-async` takes its arguments from memory.
constexpr std::string_view before_module = R"((component
  (import "spin:key-value/key-value@3.0.0" (instance $kv
    (type $variant (variant (case "store-table-full") (case "no-such-store") (case "access-denied")
      (case "other" string)))
    (export "error" (type $error (eq $variant)))
    (export "store" (type $store (sub resource)))
    (export "[static]store.open" (func async (param "label" string) (result (result (own $store) (error $error)))))
    (export "[method]store.get" (func async (param "self" (borrow $store)) (param "key" string)
      (result (result (option (list u8)) (error $error)))))
    (export "[method]store.set" (func async (param "self" (borrow $store)) (param "key" string)
      (param "value" (list u8)) (result (result (error $error)))))
    (export "[method]store.delete" (func async (param "self" (borrow $store)) (param "key" string)
      (result (result (error $error)))))
    (export "[method]store.exists" (func async (param "self" (borrow $store)) (param "key" string)
      (result (result bool (error $error)))))
    (export "[method]store.get-keys" (func async (param "self" (borrow $store))
      (result (tuple (stream string) (future (result (error $error)))))))))
  (alias export $kv "store" (type $store))
  (alias export $kv "error" (type $error))
  (type $keys (stream string))
  (type $result (result (error $error)))
  (type $end (future $result))
  (core module $heap
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 8192))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (core instance $heap (instantiate $heap))
  (alias core export $heap "memory" (core memory $memory))
  (alias core export $heap "realloc" (core func $realloc))
  (core func $open (canon lower (func $kv "[static]store.open") (memory $memory) (realloc $realloc)))
  (core func $set (canon lower (func $kv "[method]store.set") (memory $memory) (realloc $realloc)))
  (core func $set-async (canon lower (func $kv "[method]store.set") async (memory $memory) (realloc $realloc)))
  (core func $delete (canon lower (func $kv "[method]store.delete") (memory $memory) (realloc $realloc)))
  (core func $exists (canon lower (func $kv "[method]store.exists") (memory $memory) (realloc $realloc)))
  (core func $get (canon lower (func $kv "[method]store.get") async (memory $memory) (realloc $realloc)))
  (core func $get-keys (canon lower (func $kv "[method]store.get-keys") async (memory $memory)))
  (core func $set-new (canon waitable-set.new))
  (core func $wait (canon waitable-set.wait (memory $memory)))
  (core func $join (canon waitable.join))
  (core func $subtask-cancel (canon subtask.cancel))
  (core func $keys-read (canon stream.read $keys (memory $memory) (realloc $realloc)))
  (core func $keys-drop (canon stream.drop-readable $keys))
  (core func $end-read (canon future.read $end (memory $memory) (realloc $realloc)))
  (core module $main
    (import "" "open" (func $open (param i32 i32 i32)))
    (import "" "set" (func $set (param i32 i32 i32 i32 i32 i32)))
    (import "" "set-async" (func $set-async (param i32 i32) (result i32)))
    (import "" "delete" (func $delete (param i32 i32 i32 i32)))
    (import "" "exists" (func $exists (param i32 i32 i32 i32)))
    (import "" "get" (func $get (param i32 i32 i32 i32) (result i32)))
    (import "" "get-keys" (func $get-keys (param i32 i32) (result i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "subtask-cancel" (func $subtask-cancel (param i32) (result i32)))
    (import "" "keys-read" (func $keys-read (param i32 i32 i32) (result i32)))
    (import "" "keys-drop" (func $keys-drop (param i32)))
    (import "" "end-read" (func $end-read (param i32 i32) (result i32)))
    (import "" "memory" (memory 1))
    (data (i32.const 16) "defaultabcvalue")
    ;; The store "default".
    (func $opened (result i32)
      (call $open (i32.const 16) (i32.const 7) (i32.const 64))
      (i32.load (i32.const 68)))
    (func $begin-get (param $store i32) (param $key i32) (param $where i32) (result i32)
      (i32.shr_u (call $get (local.get $store) (local.get $key) (i32.const 1) (local.get $where)) (i32.const 4)))
    ;; Sets "a" to "value", and does not wait for it.
    (func $begin-set (param $store i32) (param $where i32) (result i32)
      (i32.store (i32.const 128) (local.get $store))
      (i32.store (i32.const 132) (i32.const 23)) (i32.store (i32.const 136) (i32.const 1))
      (i32.store (i32.const 140) (i32.const 26)) (i32.store (i32.const 144) (i32.const 5))
      (i32.shr_u (call $set-async (i32.const 128) (local.get $where)) (i32.const 4)))
    ;; What happened to a subtask: waits for it alone and answers the event's payload.
    (func $payload-of (param $waitable i32) (result i32)
      (local $set i32)
      (local.set $set (call $set-new))
      (call $join (local.get $waitable) (local.get $set))
      (drop (call $wait (local.get $set) (i32.const 0)))
      (call $join (local.get $waitable) (i32.const 0))
      (i32.load (i32.const 4)))
    (func $get-keys-of (param $store i32)
      (if (i32.ne (call $get-keys (local.get $store) (i32.const 48)) (i32.const 2)) (then (unreachable))))
    ;; Reads at most five keys at once, to 256 and on, until there are no more; answers how many they were.
    (func $read-all (result i32) (local $n i32) (local $r i32)
      (loop $more
        (local.set $r (call $keys-read (i32.load (i32.const 48))
          (i32.add (i32.const 256) (i32.mul (local.get $n) (i32.const 8))) (i32.const 5)))
        (local.set $n (i32.add (local.get $n) (i32.shr_u (local.get $r) (i32.const 4))))
        (br_if $more (i32.eqz (i32.and (local.get $r) (i32.const 15)))))
      (local.get $n))
    ;; How the listing ended, to 32: 0, or 1 and an error.
    (func $ended (result i32)
      (drop (call $end-read (i32.load (i32.const 52)) (i32.const 32)))
      (i32.load8_u (i32.const 32)))
    ;; The `n` keys that were read, one after the other, as a text.
    (func $joined (param $n i32) (result i32) (local $last i32)
      (if (i32.eqz (local.get $n)) (then (return (i32.const 240))))
      (local.set $last (i32.add (i32.const 248) (i32.mul (local.get $n) (i32.const 8))))
      (i32.store (i32.const 240) (i32.load (i32.const 256)))
      (i32.store (i32.const 244) (i32.sub
        (i32.add (i32.load (local.get $last)) (i32.load offset=4 (local.get $last))) (i32.load (i32.const 256))))
      (i32.const 240))
    (func (export "run") (result i32) (local $s i32) (local $i i32) (local $j i32) (local $k i32)
)";

constexpr std::string_view after_module = R"())
  (core instance $main (instantiate $main (with "" (instance
    (export "open" (func $open)) (export "set" (func $set)) (export "set-async" (func $set-async))
    (export "delete" (func $delete)) (export "exists" (func $exists))
    (export "get" (func $get)) (export "get-keys" (func $get-keys))
    (export "set-new" (func $set-new)) (export "wait" (func $wait)) (export "join" (func $join))
    (export "subtask-cancel" (func $subtask-cancel)) (export "keys-read" (func $keys-read))
    (export "keys-drop" (func $keys-drop)) (export "end-read" (func $end-read))
    (export "memory" (memory $memory))))))
  (func (export "run") async (result )";

class SpinKeyValue3 : public ::testing::Test {
 protected:
  SpinKeyValue3() { add_to_registry(registry_); }

  // What a guest answers whose `run` is `body`, which leaves a u32, or where a text and its length are.
  std::string run(std::string_view body, std::shared_ptr<provider::KeyValueStore> store,
                  std::string_view result = "string") {
    const std::string text = std::string(before_module) + std::string(body) + std::string(after_module) +
                             std::string(result) + ") (canon lift (core func $main \"run\") (memory $memory))))";
    auto plan = component::test::plan_of(text);
    if (!plan) return plan.error().message();
    auto linked = component::test::link(*std::move(plan), component::NotYet::refuse, registry_);
    if (!linked) return linked.error().message();
    links_ = {{"default", std::move(store)}};
    guest_.emplace(*std::move(linked), grants_);
    guest_->instance().context().log = [this](std::string_view line) { log_.emplace_back(line); };
    guest_->instance().state<KeyValueState>().links = &links_;
    return guest_->call("run");
  }
  // Everything that is left to do on the loop once the instance has ended.
  void finish() {
    guest_->end();
    guest_->loop().restart();
    guest_->loop().run();
  }

  EveryStore grants_;
  bind::Registry registry_;
  provider::KeyValueLinks links_;
  std::vector<std::string> log_;
  std::optional<Guest> guest_;
};

constexpr std::string_view set_a = R"((local.set $s (call $opened))
  (call $set (local.get $s) (i32.const 23) (i32.const 1) (i32.const 26) (i32.const 5) (i32.const 64)) )";

TEST_F(SpinKeyValue3, AValueThatWasSetIsRead) {
  EXPECT_EQ(run(std::string(set_a) + R"(
    (drop (call $payload-of (call $begin-get (local.get $s) (i32.const 23) (i32.const 80))))
    ;; A result that is ok (0), an option that is some (1), and its list.
    (if (i32.ne (i32.load8_u (i32.const 84)) (i32.const 1)) (then (unreachable)))
    (i32.const 88))",
                std::make_shared<SlowStore>()),
            "\"value\"");
}

TEST_F(SpinKeyValue3, AKeyIsThereUntilItIsDeleted) {
  EXPECT_EQ(run(std::string(set_a) + R"(
    (call $exists (local.get $s) (i32.const 23) (i32.const 1) (i32.const 64))
    (local.set $i (i32.load8_u (i32.const 68)))
    (call $delete (local.get $s) (i32.const 23) (i32.const 1) (i32.const 64))
    (call $exists (local.get $s) (i32.const 23) (i32.const 1) (i32.const 64))
    (i32.add (i32.mul (local.get $i) (i32.const 10)) (i32.load8_u (i32.const 68))))",
                std::make_shared<SlowStore>(), "u32"),
            "10");
}

TEST_F(SpinKeyValue3, CallsOfOneInstanceAreUnderWayAtOnce) {
  const auto store = std::make_shared<SlowStore>();
  EXPECT_EQ(run(R"((local.set $s (call $opened))
    (local.set $i (call $begin-get (local.get $s) (i32.const 23) (i32.const 80)))
    (local.set $j (call $begin-get (local.get $s) (i32.const 24) (i32.const 96)))
    (local.set $k (call $begin-set (local.get $s) (i32.const 112)))
    (i32.add (i32.add (call $payload-of (local.get $k)) (call $payload-of (local.get $j)))
      (call $payload-of (local.get $i))))",
                store, "u32"),
            "6");
  EXPECT_EQ(store->most_at_once, 3);
}

TEST_F(SpinKeyValue3, ACallThatIsCancelledIsOverAtOnceAndWhatTheStoreBeganIsFinished) {
  const auto store = std::make_shared<SlowStore>();
  // Cancelled before it returned.
  EXPECT_EQ(run("(call $subtask-cancel (call $begin-set (call $opened) (i32.const 64)))", store, "u32"), "4");
  EXPECT_EQ(store->begun, 1);
  EXPECT_EQ(store->ended, 0);
  finish();
  EXPECT_EQ(store->ended, 1);
}

TEST_F(SpinKeyValue3, AnInstanceThatEndsLeavesItsCallsToTheStore) {
  const auto store = std::make_shared<SlowStore>();
  EXPECT_EQ(run("(drop (call $begin-set (call $opened) (i32.const 64))) (i32.const 7)", store, "u32"), "7");
  EXPECT_EQ(store->ended, 0);
  finish();
  EXPECT_EQ(store->ended, 1);
}

TEST_F(SpinKeyValue3, ACallThatFailsForAnInstanceThatIsGoneIsNobodysConcern) {
  const auto store = std::make_shared<SlowStore>();
  store->failure = Error(Errc::io, "/a/file");
  run("(drop (call $begin-set (call $opened) (i32.const 64))) (i32.const 0)", store, "u32");
  finish();
  EXPECT_EQ(store->ended, 1);
  EXPECT_THAT(log_, ElementsAre());
}

constexpr std::string_view read_error_of_get = R"((local.set $s (call $opened))
  (drop (call $payload-of (call $begin-get (local.get $s) (i32.const 23) (i32.const 80))))
  ;; A result that is an error (1), the case `other` (3).
  (if (i32.ne (i32.load8_u (i32.const 84)) (i32.const 3)) (then (unreachable)))
  (i32.const 88))";

TEST_F(SpinKeyValue3, WhatNamesFilesGoesToTheLogAndNotToTheGuest) {
  const auto store = std::make_shared<SlowStore>();
  store->failure = Error(Errc::io, "/a/file");
  EXPECT_EQ(run(read_error_of_get, store), "\"the store failed\"");
  EXPECT_THAT(log_, ElementsAre("key-value: /a/file"));
  store->failure = Error(Errc::unavailable, "h:1");
  EXPECT_EQ(run(read_error_of_get, store), "\"the store cannot be reached now\"");
}

TEST_F(SpinKeyValue3, ResultsThatAreNotTakenHaveALimit) {
  const auto store = std::make_shared<SlowStore>();
  store->value_bytes = provider::max_result_bytes - 10'000;
  // The third does not fit beside two that the guest leaves where they are.
  EXPECT_THAT(run(R"((local.set $s (call $opened))
    (drop (call $begin-get (local.get $s) (i32.const 23) (i32.const 96)))
    (drop (call $begin-get (local.get $s) (i32.const 23) (i32.const 112)))
    (drop (call $payload-of (call $begin-get (local.get $s) (i32.const 23) (i32.const 80))))
    (i32.const 88))",
                  store),
              HasSubstr("exceed the limit of 268435456 bytes in one instance"));
}

// ---- keys ----

constexpr std::string_view list_all = R"((call $get-keys-of (call $opened))
  (local.set $i (call $read-all))
  (if (call $ended) (then (return (i32.const 40))))
  (call $joined (local.get $i)))";

TEST_F(SpinKeyValue3, KeysComeAPageAtATimeAndEachOnce) {
  const auto store = std::make_shared<Pages>();
  store->pages = {page({"a", "b", "c", "d", "e", "f", "g"}), page({"b", "h", "\xff"}), page({}), page({"i"})};
  EXPECT_EQ(run(list_all, store), "\"abcdefghi\"");
  EXPECT_THAT(store->asked, ElementsAre("first", "1", "2", "3"));
}

TEST_F(SpinKeyValue3, AStoreWithoutKeysHasAnEmptyStream) {
  EXPECT_EQ(run(list_all, std::make_shared<SlowStore>()), "\"\"");
}

TEST_F(SpinKeyValue3, APageIsAskedForWhenTheOneBeforeWasTaken) {
  const auto store = std::make_shared<Pages>();
  store->pages = {page({"a", "b", "c", "d", "e", "f"}), page({"g"})};
  EXPECT_EQ(run(R"((call $get-keys-of (call $opened))
    (local.set $i (call $keys-read (i32.load (i32.const 48)) (i32.const 256) (i32.const 5)))
    (call $keys-drop (i32.load (i32.const 48)))
    (if (call $ended) (then (unreachable)))
    (call $joined (i32.shr_u (local.get $i) (i32.const 4))))",
                store),
            "\"abcde\"");
  finish();
  EXPECT_THAT(store->asked, ElementsAre("first"));
}

TEST_F(SpinKeyValue3, AListingGoesOnWhenItsStoreIsChangedForAnother) {
  const auto store = std::make_shared<Pages>();
  store->pages = {page({"a", "b"}), fail(Errc::invalid, "not a cursor of this store"), page({"d"})};
  EXPECT_EQ(run(list_all, store), "\"abd\"");
  EXPECT_THAT(store->asked, ElementsAre("first", "1", "first", "1", "2"));
}

TEST_F(SpinKeyValue3, AListingThatFailsSaysSoAfterWhatItHas) {
  const auto store = std::make_shared<Pages>();
  store->pages = {page({"a", "b"}), fail(Errc::unavailable, "h:1")};
  EXPECT_EQ(run(list_all, store), "\"the store cannot be reached now\"");
  EXPECT_THAT(log_, ElementsAre("key-value: h:1"));
}

TEST_F(SpinKeyValue3, AnInstanceMayEndWhileItsKeysAreListed) {
  const auto store = std::make_shared<Pages>();
  store->pages = {page({"a"}), page({"b"})};
  EXPECT_EQ(run("(call $get-keys-of (call $opened)) (i32.const 7)", store, "u32"), "7");
  finish();
  EXPECT_LE(store->asked.size(), 1U);
}

}  // namespace
}  // namespace weft::key_value
