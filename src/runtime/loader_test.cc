#include "runtime/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "component/test_guest.h"
#include "runtime/code_store.h"
#include "runtime/planned_component.h"
#include "runtime/test_folder.h"

namespace weft::runtime {
namespace {

namespace fs = std::filesystem;
using component::ast::Bytes;
using testing::ElementsAre;
using testing::HasSubstr;
using wasm::testing::wat;

constexpr const char* answers_seven = R"((component
  (core module $M
    (memory (export "m") 1)
    (data (i32.const 8) "\07\00\00\00")
    (func (export "f") (result i32) (i32.load (i32.const 8))))
  (core instance $m (instantiate $M))
  (func (export "f") (result u32) (canon lift (core func $m "f")))))";

Bytes bytes_of(std::string_view text) {
  return std::make_shared<const std::vector<std::byte>>(wat(text));
}

Bytes changed(const Bytes& bytes, std::string_view from, std::string_view to) {
  auto copy = std::make_shared<std::vector<std::byte>>(*bytes);
  const auto pattern = std::as_bytes(std::span(from));
  const auto at = std::ranges::search(*copy, pattern);
  EXPECT_FALSE(at.empty());
  std::ranges::copy(std::as_bytes(std::span(to)), at.begin());
  return copy;
}

class LoaderTest : public testing::Test {
 protected:
  std::unique_ptr<CodeStore> open(std::chrono::milliseconds delay = std::chrono::hours(1)) {
    auto cache = CodeCache::open({.folder = folder.path() / "code", .log = [this](std::string_view line) {
                                    std::lock_guard lock(mutex);
                                    lines.emplace_back(line);
                                  }});
    return std::make_unique<CodeStore>(component::test::engine(), *std::move(cache), CompileOptions{}, delay);
  }
  Result<std::shared_ptr<const LiveComponent>> load(ModuleSource& source, const Bytes& bytes) {
    return load_component(component::test::engine(), source, host, bytes, "app.wasm");
  }
  Result<std::shared_ptr<const LiveComponent>> load_again(ModuleSource& source, const Bytes& bytes,
                                                          const Again& again) {
    return load_component(component::test::engine(), source, host, bytes, "app.wasm", component::Bypass::where_exact,
                          &again);
  }
  static std::string answer(const LiveComponent& live) {
    component::test::Guest guest(live.current());
    return guest.call("f");
  }
  // Keeps what another component was planned to be as the plan of `bytes`, by weft's own means.
  static void keep_as(CodeStore& store, const Bytes& bytes, std::vector<std::byte> planned) {
    store.cache()->keep_plan({sha256(*bytes)}, std::move(planned));
    store.cache()->settle();
  }

  component::test::NoHost host;
  TestFolder folder;
  std::mutex mutex;
  std::vector<std::string> lines;
};

TEST_F(LoaderTest, AComponentRunsTheFirstTimeAndFromWhatWasKept) {
  const Bytes bytes = bytes_of(answers_seven);
  for (int i = 0; i < 3; ++i) {
    auto store = open();
    auto live = load(*store, bytes);
    ASSERT_TRUE(live.has_value()) << live.error().message();
    EXPECT_EQ(answer(**live), "7");
    EXPECT_EQ(store->counts().compiled, i == 0 ? 1u : 0u);
  }
  EXPECT_THAT(lines, testing::IsEmpty());
}

TEST_F(LoaderTest, WhatWasKeptIsNotValidatedAgain) {
  // Nobody could load this: a section of no known kind follows the component.
  const Bytes whole = bytes_of(answers_seven);
  auto extended = std::make_shared<std::vector<std::byte>>(*whole);
  extended->insert(extended->end(), {std::byte{0x7f}, std::byte{0}});
  const Bytes invalid = extended;
  auto store = open();
  EXPECT_FALSE(load(*store, invalid).has_value());
  auto planned = plan_component(whole, component::Bypass::where_exact).value();
  planned.plan->bytes = invalid;
  keep_as(*store, invalid, write_planned(planned).value());
  auto live = load(*store, invalid);
  ASSERT_TRUE(live.has_value()) << live.error().message();
  EXPECT_EQ(answer(**live), "7");
}

TEST_F(LoaderTest, EditedDataIsPlannedAndCompilesNothing) {
  const Bytes bytes = bytes_of(answers_seven);
  load(*open(), bytes).value();
  auto store = open();
  auto live = load(*store, changed(bytes, {"\7\0\0\0", 4}, {"\x9\0\0\0", 4}));
  ASSERT_TRUE(live.has_value()) << live.error().message();
  EXPECT_EQ(answer(**live), "9");
  EXPECT_EQ(store->counts().compiled, 0u);
  EXPECT_EQ(store->counts().cached, 1u);
}

TEST_F(LoaderTest, WhatIsLoadedAgainIsNeitherLookedForInTheCacheNorKeptThere) {
  const Bytes one = bytes_of(answers_seven), two = changed(one, {"\7\0\0\0", 4}, {"\x9\0\0\0", 4});
  auto store = open();
  KnownPlans plans;
  const auto first = load_again(*store, one, {plans, nullptr}).value();
  EXPECT_EQ(answer(*first), "7");
  store->cache()->settle();
  EXPECT_TRUE(store->cache()->find_plan({sha256(*one)}).has_value()) << "for the next start";
  // Nobody can read this: it is not looked for.
  keep_as(*store, two, std::vector<std::byte>(3));
  const auto second = load_again(*store, two, {plans, first}).value();
  EXPECT_EQ(answer(*second), "9");
  EXPECT_EQ(answer(*first), "7");
  store->cache()->settle();
  EXPECT_EQ(store->cache()->find_plan({sha256(*two)})->size(), 3u);
  EXPECT_EQ(&second->plan(), &first->plan()) << "and planned only once";
}

TEST_F(LoaderTest, WhatIsLoadedAgainWithoutAChangeIsServedOn) {
  const Bytes bytes = bytes_of(answers_seven);
  auto store = open();
  KnownPlans plans;
  const auto first = load_again(*store, bytes, {plans, nullptr}).value();
  EXPECT_EQ(load_again(*store, std::make_shared<const std::vector<std::byte>>(*bytes), {plans, first}).value(), first);
}

TEST_F(LoaderTest, ALargeImageIsTheSameAsASmallOne) {
  const auto component = [](std::size_t size) {
    return bytes_of("(component (core module $M (memory (export \"m\") 40) (data (i32.const 0) \"" +
                    std::string(size, 'x') + "\\07\") (func (export \"f\") (result i32) (i32.load8_u (i32.const " +
                    std::to_string(size) + ")))) (core instance $m (instantiate $M)) " +
                    "(func (export \"f\") (result u32) (canon lift (core func $m \"f\"))))");
  };
  auto store = open();
  for (const std::size_t size : {std::size_t{10}, std::size_t{2} << 20})
    EXPECT_EQ(answer(*load(*store, component(size)).value()), "7") << size;
}

TEST_F(LoaderTest, LargeCodeThatIsKnownByItsMarkHasTheHashOfItsBytes) {
  std::string nops;
  for (std::size_t i = 0; i < code_worth_a_mark; ++i) nops += " nop";
  const std::vector<std::byte> one = wat("(module (memory 1) (data (i32.const 0) \"one\") (func" + nops + "))");
  const std::vector<std::byte> two = wat("(module (memory 1) (data (i32.const 0) \"two\") (func" + nops + "))");
  const std::vector<std::byte> other = wat("(module (memory 1) (data (i32.const 0) \"one\") (func nop" + nops + "))");
  for (int i = 0; i < 2; ++i) {
    CoreModule first(one), second(two), third(other);
    EXPECT_EQ(first.code_hash(), sha256(first.joined_code()));
    EXPECT_EQ(second.code_hash(), first.code_hash());
    EXPECT_EQ(third.code_hash(), sha256(third.joined_code()));
    EXPECT_NE(third.code_hash(), first.code_hash());
  }
}

TEST_F(LoaderTest, AKeptPlanThatCannotBeReadIsRemovedAndMadeAgain) {
  const Bytes bytes = bytes_of(answers_seven);
  auto store = open();
  load(*store, bytes).value();
  store->cache()->settle();
  const auto good = *store->cache()->find_plan({sha256(*bytes)});
  // Authentic, but of something else: each is cut off, and each byte is another.
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad.resize(i);
    keep_as(*store, bytes, bad);
    const std::size_t before = lines.size();
    ASSERT_TRUE(load(*store, bytes).has_value()) << i;
    ASSERT_EQ(lines.size(), before + 1) << i;
    EXPECT_THAT(lines.back(), HasSubstr("made again"));
    store->cache()->settle();
    EXPECT_EQ(store->cache()->find_plan({sha256(*bytes)}), good) << i;
  }
}

TEST_F(LoaderTest, NoKeptPlanLeadsOutOfBounds) {
  const Bytes bytes = bytes_of(answers_seven);
  auto planned = plan_component(bytes, component::Bypass::where_exact).value();
  const auto good = write_planned(planned).value();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
      auto bad = good;
      bad[i] ^= static_cast<std::byte>(flip);
      auto read = read_planned(bad, bytes);
      if (!read) continue;
      for (CoreModule& module : read->modules) {
        for (const auto& segments : module.data()) {
          for (const wasm::DataSegment& segment : segments) {
            EXPECT_GE(segment.bytes.data(), module.wasm().data());
            EXPECT_LE(segment.bytes.data() + segment.bytes.size(), module.wasm().data() + module.wasm().size());
          }
        }
      }
    }
  }
}

TEST_F(LoaderTest, WhatWasCompiledQuicklyIsReplacedWhileItIsServed) {
  const Bytes bytes = bytes_of(answers_seven);
  auto store = open(std::chrono::milliseconds(0));
  auto live = load(*store, bytes).value();
  const auto pinned = live->current();
  component::test::Guest before(pinned);
  store->settle();
  EXPECT_EQ(live->generation(), 1u);
  EXPECT_NE(live->current(), pinned);
  EXPECT_EQ(store->counts().compiled, 1u);
  EXPECT_EQ(store->counts().improved, 1u);
  EXPECT_EQ(before.call("f"), "7") << "who began with the old code ends with it";
  EXPECT_EQ(answer(*live), "7");
  store.reset();
  auto next = open(std::chrono::milliseconds(0));
  auto again = load(*next, bytes).value();
  next->settle();
  EXPECT_EQ(again->generation(), 0u) << "it had the better code from the start";
  EXPECT_EQ(next->counts().improved, 0u);
}

TEST_F(LoaderTest, AComponentThatIsGoneIsNotReplaced) {
  auto store = open(std::chrono::milliseconds(0));
  load(*store, bytes_of(answers_seven)).value();
  store->settle();
  EXPECT_EQ(store->counts().improved, 1u);
}

TEST_F(LoaderTest, ManyReadACurrentSnapshotWhileItIsReplaced) {
  const Bytes bytes = bytes_of(answers_seven);
  Compiler compiler(component::test::engine());
  const auto linked = load(compiler, bytes).value()->current();
  const auto live = std::make_shared<LiveComponent>(linked);
  const auto other = load(compiler, bytes).value()->current();
  std::atomic<bool> stop = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) EXPECT_EQ(live->current()->plan().lifts.size(), 1u);
    });
  }
  for (int i = 0; i < 100; ++i) live->replace(other);
  stop = true;
  readers.clear();
  EXPECT_EQ(live->generation(), 100u);
}

TEST_F(LoaderTest, ErrorsNameTheComponent) {
  Compiler compiler(component::test::engine());
  auto broken = load(compiler, std::make_shared<const std::vector<std::byte>>(8));
  ASSERT_FALSE(broken.has_value());
  EXPECT_THAT(broken.error().message(), HasSubstr("app.wasm"));
  // A core module of which no component can be made.
  auto unknown = load(compiler, bytes_of("(module (import \"a\" \"b\" (func)))"));
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message(), HasSubstr("app.wasm"));
}

}  // namespace
}  // namespace weft::runtime
