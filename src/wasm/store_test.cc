#include "wasm/store.h"

#include <gtest/gtest.h>

#include <thread>

#include "wasm/module_rewrite.h"
#include "wasm/testing/wat.h"

namespace weft::wasm {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> engine = Engine::create({}).value();

  Module compile(std::string_view wat) { return Module::compile(*engine, testing::wat(wat)).value(); }
};

// Runs a callable to its end on a fiber, and gives what it threw back.
template <class F>
std::exception_ptr run(Store& store, F body) {
  Fiber fiber(store, [](void* env) { (*static_cast<F*>(env))(); }, &body);
  while (fiber.resume() != Fiber::State::done) {
  }
  return fiber.failure();
}

Func func(Store& store, const Instance& instance, std::string_view name) {
  Extern item;
  EXPECT_TRUE(store.export_of(instance, name, item)) << name;
  return store.func_of(item);
}

TEST_F(StoreTest, AGuestIsCalledOnAFiberAndAnswers) {
  Module module = compile(R"((module (func (export "add") (param i32 i32) (result i32)
      local.get 0 local.get 1 i32.add)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  std::uint32_t sum = 0;
  auto failure = run(*store, [&] {
    Instance instance = store->instantiate(module, {}, {});
    abi::CoreValue values[2];
    values[0].set_i32(20);
    values[1].set_i32(22);
    store->call(func(*store, instance, "add"), values, 2);
    sum = values[0].i32();
  });
  EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(sum, 42u);
}

TEST_F(StoreTest, ATrapIsThrownWithItsCauseAndBacktrace) {
  Module module = compile(R"((module (func $boom (export "boom") unreachable)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto failure = run(*store, [&] {
    Instance instance = store->instantiate(module, {}, {});
    abi::CoreValue none;
    store->call(func(*store, instance, "boom"), &none, 0);
  });
  ASSERT_NE(failure, nullptr);
  try {
    std::rethrow_exception(failure);
  } catch (const GuestTrap& trap) {
    EXPECT_EQ(trap.message(), "wasm trap: wasm `unreachable` instruction executed");
    EXPECT_NE(trap.detail().find("boom"), std::string::npos) << trap.detail();
  }
}

TEST_F(StoreTest, WhatAHostFunctionThrowsArrivesUnchangedAtItsCaller) {
  HostFuncs hosts(*engine);
  auto index = hosts.define({}, [](void*, Store&, abi::CoreValue*, std::size_t) { throw std::runtime_error("lost"); },
                            nullptr);
  Module module = compile(R"((module (import "" "f" (func $f)) (func (export "go") call $f)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto failure = run(*store, [&] {
    Extern import = hosts.get(*store, *index);
    Instance instance = store->instantiate(module, {&import, 1}, {});
    abi::CoreValue none;
    store->call(func(*store, instance, "go"), &none, 0);
  });
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), std::runtime_error);
}

TEST_F(StoreTest, AHostFunctionWaitsOnTheGuestsFiber) {
  HostFuncs hosts(*engine);
  auto index = hosts.define(
      {.params = {}, .results = {CoreType::i32}},
      [](void*, Store& store, abi::CoreValue* values, std::size_t) {
        for (int i = 0; i < 3; ++i) store.current_fiber()->wait();
        values[0].set_i32(7);
      },
      nullptr);
  Module module = compile(R"((module (import "" "f" (func $f (result i32)))
      (func (export "go") (result i32) call $f)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  std::uint32_t got = 0;
  auto body = [&] {
    Extern import = hosts.get(*store, *index);
    Instance instance = store->instantiate(module, {&import, 1}, {});
    abi::CoreValue value;
    store->call(func(*store, instance, "go"), &value, 1);
    got = value.i32();
  };
  Fiber fiber(*store, [](void* env) { (*static_cast<decltype(body)*>(env))(); }, &body);
  EXPECT_EQ(fiber.resume(), Fiber::State::waiting);
  EXPECT_EQ(fiber.resume(), Fiber::State::waiting);
  EXPECT_EQ(fiber.resume(), Fiber::State::waiting);
  EXPECT_EQ(got, 0u);
  EXPECT_EQ(fiber.resume(), Fiber::State::done);
  EXPECT_EQ(got, 7u);
}

TEST_F(StoreTest, AStartFunctionMayWait) {
  HostFuncs hosts(*engine);
  auto index = hosts.define({}, [](void*, Store& store, abi::CoreValue*, std::size_t) { store.current_fiber()->wait(); },
                            nullptr);
  Module module = compile(R"((module (import "" "f" (func $f)) (start $f)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  bool made = false;
  auto body = [&] {
    Extern import = hosts.get(*store, *index);
    store->instantiate(module, {&import, 1}, {});
    made = true;
  };
  Fiber fiber(*store, [](void* env) { (*static_cast<decltype(body)*>(env))(); }, &body);
  EXPECT_EQ(fiber.resume(), Fiber::State::waiting);
  EXPECT_FALSE(made);
  EXPECT_EQ(fiber.resume(), Fiber::State::done);
  EXPECT_TRUE(made);
}

TEST_F(StoreTest, ADroppedFiberUnwindsTheHostsFrames) {
  HostFuncs hosts(*engine);
  struct Counted {
    static int& alive() {
      static int count = 0;
      return count;
    }
    Counted() { ++alive(); }
    ~Counted() { --alive(); }
  };
  auto index = hosts.define(
      {},
      [](void*, Store& store, abi::CoreValue*, std::size_t) {
        Counted counted;
        store.current_fiber()->wait();
        FAIL() << "must not come back";
      },
      nullptr);
  Module module = compile(R"((module (import "" "f" (func $f)) (func (export "go") call $f)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto body = [&] {
    Extern import = hosts.get(*store, *index);
    Instance instance = store->instantiate(module, {&import, 1}, {});
    abi::CoreValue none;
    store->call(func(*store, instance, "go"), &none, 0);
  };
  {
    Fiber fiber(*store, [](void* env) { (*static_cast<decltype(body)*>(env))(); }, &body);
    EXPECT_EQ(fiber.resume(), Fiber::State::waiting);
    EXPECT_EQ(Counted::alive(), 1);
  }
  EXPECT_EQ(Counted::alive(), 0);
}

TEST_F(StoreTest, AnEndlessLoopYieldsAtTicksAndEndsWhenToldTo) {
  struct Policy final : TickPolicy {
    int ticks = 0;
    TickVerdict on_tick(Fiber&) noexcept override { return ++ticks < 3 ? TickVerdict::yield : TickVerdict::end; }
    std::string end_reason() const override { return "CPU budget used up"; }
  } policy;
  Module module = compile(R"((module (func (export "spin") (loop br 0))))");
  auto store = Store::create(*engine, {}, &policy, nullptr).value();
  auto body = [&] {
    Instance instance = store->instantiate(module, {}, {});
    abi::CoreValue none;
    store->call(func(*store, instance, "spin"), &none, 0);
  };
  Fiber fiber(*store, [](void* env) { (*static_cast<decltype(body)*>(env))(); }, &body);
  std::jthread ticker([&](std::stop_token stop) {
    while (!stop.stop_requested()) engine->increment_epoch();
  });
  EXPECT_EQ(fiber.resume(), Fiber::State::preempted);
  EXPECT_EQ(fiber.resume(), Fiber::State::preempted);
  EXPECT_EQ(fiber.resume(), Fiber::State::done);
  ASSERT_NE(fiber.failure(), nullptr);
  EXPECT_THROW(std::rethrow_exception(fiber.failure()), GuestTrap);
}

TEST_F(StoreTest, NestedEntriesTrapBeforeTheyOverflowTheFiber) {
  // host → guest → host → guest ...: each guest level uses much of its own allowance before going deeper.
  struct Chain {
    HostFuncs* hosts;
    Func go;
    int deepest = 0;
    int depth = 0;
  };
  HostFuncs hosts(*engine);
  Chain chain{&hosts, {}, 0, 0};
  auto index = hosts.define(
      {},
      [](void* env, Store& store, abi::CoreValue*, std::size_t) {
        auto& c = *static_cast<Chain*>(env);
        c.deepest = std::max(c.deepest, ++c.depth);
        abi::CoreValue value;
        value.set_i32(3000);
        store.call(c.go, &value, 1);
        --c.depth;
      },
      &chain);
  Module module = compile(R"((module (import "" "f" (func $f))
      (func $down (export "go") (param $n i32)
        (local i64 i64 i64 i64 i64 i64 i64 i64)
        (if (i32.eqz (local.get $n)) (then call $f) (else (call $down (i32.sub (local.get $n) (i32.const 1))))))))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto failure = run(*store, [&] {
    Extern import = hosts.get(*store, *index);
    Instance instance = store->instantiate(module, {&import, 1}, {});
    chain.go = func(*store, instance, "go");
    abi::CoreValue value;
    value.set_i32(3000);
    store->call(chain.go, &value, 1);
  });
  ASSERT_NE(failure, nullptr);
  try {
    std::rethrow_exception(failure);
  } catch (const GuestTrap& trap) {
    EXPECT_EQ(trap.message(), "call stack exhausted");
  }
  EXPECT_GE(chain.deepest, 3);
}

TEST_F(StoreTest, DataComesFromTheImageAndIsFreshEachTime) {
  auto separated = separate(testing::wat(R"((module (memory (export "m") 1)
      (data (i32.const 70) "hello") (data (i32.const 9000) "x")
      (func (export "poke") (i32.store8 (i32.const 70) (i32.const 33)) (i32.store8 (i32.const 20000) (i32.const 9)))))"));
  ASSERT_TRUE(separated.has_value());
  ASSERT_EQ(separated->images.size(), 1u);
  Module module = Module::compile(*engine, separated->code).value();
  const std::byte* base = nullptr;
  for (int round = 0; round < 3; ++round) {
    auto store = Store::create(*engine, {}, nullptr, nullptr).value();
    auto failure = run(*store, [&] {
      Instance instance = store->instantiate(module, {}, separated->images);
      Extern item;
      ASSERT_TRUE(store->export_of(instance, "m", item));
      const abi::LinearMemory* memory = store->memory_of(item);
      ASSERT_NE(memory, nullptr);
      if (base != nullptr) {
        EXPECT_EQ(base, memory->base) << "a released slot is used again";
      }
      base = memory->base;
      EXPECT_EQ(std::memcmp(memory->base + 70, "hello", 5), 0);
      EXPECT_EQ(memory->base[9000], std::byte{'x'});
      EXPECT_EQ(memory->base[20000], std::byte{0});
      abi::CoreValue none;
      store->call(func(*store, instance, "poke"), &none, 0);
      EXPECT_EQ(memory->base[70], std::byte{33});
    });
    EXPECT_EQ(failure, nullptr);
  }
}

}  // namespace
}  // namespace weft::wasm
