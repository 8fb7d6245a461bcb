#include "wasm/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "wasm/host_funcs.h"
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

Extern get(HostFuncs& hosts, Store& store, std::uint32_t index) {
  EXPECT_TRUE(hosts.seal().has_value());
  std::vector<Extern> all(hosts.size());
  hosts.get_all(store, all);
  return all[hosts.place(index)];
}

TEST_F(StoreTest, EachHostFunctionIsAtItsPlace) {
  HostFuncs hosts(*engine);
  constexpr std::uint32_t count = 100;
  static std::uint32_t numbers[count];
  for (std::uint32_t i = 0; i < count; ++i) {
    numbers[i] = i;
    ASSERT_TRUE(hosts.define(
        {.params = {}, .results = {CoreType::i32}},
        [](void* env, Store&, abi::CoreValue* values, std::size_t) {
          values[0].set_i32(*static_cast<std::uint32_t*>(env));
        },
        &numbers[i]));
  }
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto failure = run(*store, [&] {
    for (std::uint32_t i = 0; i < count; ++i) {
      abi::CoreValue value;
      store->call(store->func_of(get(hosts, *store, i)), &value, 1);
      EXPECT_EQ(value.i32(), i);
    }
  });
  EXPECT_EQ(failure, nullptr);
}

TEST_F(StoreTest, AnExportIsFoundByItsPlaceInInstancesOfItsModuleOnly) {
  Module module = compile(R"((module (func (export "a")) (func (export "b") (result i32) i32.const 7)))");
  Module other = compile(R"((module (func (export "b") (result i32) i32.const 8)))");
  EXPECT_FALSE(module.export_index("c"));
  const ExportIndex b = module.export_index("b").value();
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto failure = run(*store, [&] {
    Extern item;
    ASSERT_TRUE(store->export_at(store->instantiate(module, {}, {}), b, item));
    abi::CoreValue value;
    store->call(store->func_of(item), &value, 1);
    EXPECT_EQ(value.i32(), 7u);
    EXPECT_FALSE(store->export_at(store->instantiate(other, {}, {}), b, item));
  });
  EXPECT_EQ(failure, nullptr);
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
  auto index =
      hosts.define({}, [](void*, Store&, abi::CoreValue*, std::size_t) { throw std::runtime_error("lost"); }, nullptr);
  Module module = compile(R"((module (import "" "f" (func $f)) (func (export "go") call $f)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto failure = run(*store, [&] {
    Extern import = get(hosts, *store, *index);
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
    Extern import = get(hosts, *store, *index);
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
  auto index = hosts.define(
      {}, [](void*, Store& store, abi::CoreValue*, std::size_t) { store.current_fiber()->wait(); }, nullptr);
  Module module = compile(R"((module (import "" "f" (func $f)) (start $f)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  bool made = false;
  auto body = [&] {
    Extern import = get(hosts, *store, *index);
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
    Extern import = get(hosts, *store, *index);
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
    Extern import = get(hosts, *store, *index);
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

TEST_F(StoreTest, AStartFunctionsHostCallsMayEnterTheGuest) {
  // The start function runs on a stack of its own, of which the calling fiber knows nothing.
  HostFuncs hosts(*engine);
  Func twice;
  auto index = hosts.define(
      {.params = {}, .results = {CoreType::i32}},
      [](void* env, Store& store, abi::CoreValue* values, std::size_t) {
        values[0].set_i32(21);
        store.call(*static_cast<Func*>(env), values, 1);
      },
      &twice);
  Module helper = compile(R"((module (func (export "twice") (param i32) (result i32)
      local.get 0 i32.const 2 i32.mul)))");
  Module module =
      compile(R"((module (import "" "f" (func $f (result i32))) (global $g (export "g") (mut i32) (i32.const 0))
      (func $start call $f global.set $g) (start $start) (func (export "got") (result i32) global.get $g)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  abi::CoreValue got;
  auto failure = run(*store, [&] {
    Instance first = store->instantiate(helper, {}, {});
    twice = func(*store, first, "twice");
    Extern import = get(hosts, *store, *index);
    Instance second = store->instantiate(module, {&import, 1}, {});
    store->call(func(*store, second, "got"), &got, 1);
  });
  EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(got.i32(), 42u);
}

// A guest with a shadow stack, as compilers make them: each call takes a frame below the stack pointer and expects to
// find its own value there at the end.
constexpr std::string_view shadow_stack_guest = R"((module
  (import "" "pause" (func $pause))
  (memory 1) (global $sp (mut i32) (i32.const 60000))
  (func (export "work") (param $mine i32) (param $rounds i32) (result i32)
    (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
    (i32.store (global.get $sp) (local.get $mine))
    (call $pause)
    (loop $again
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get $rounds) (i32.const 0))))
    (i32.load (global.get $sp))
    (global.set $sp (i32.add (global.get $sp) (i32.const 16)))))
)";

class Calls {
 public:
  Calls(Store& store, const Func& work, std::uint32_t rounds) : store_(store), work_(work), rounds_(rounds) {}

  Fiber& add(std::uint32_t value) {
    bodies_.push_back(std::make_unique<Body>(Body{this, value, 0}));
    fibers_.push_back(
        std::make_unique<Fiber>(store_, [](void* env) { static_cast<Body*>(env)->run(); }, bodies_.back().get()));
    return *fibers_.back();
  }
  bool right(std::size_t i) const { return bodies_[i]->got == bodies_[i]->value; }
  std::vector<std::unique_ptr<Fiber>>& fibers() { return fibers_; }

 private:
  struct Body {
    Calls* calls;
    std::uint32_t value, got;
    void run() {
      abi::CoreValue values[2];
      values[0].set_i32(value);
      values[1].set_i32(calls->rounds_);
      calls->store_.call(calls->work_, values, 2);
      got = values[0].i32();
    }
  };
  Store& store_;
  Func work_;
  std::uint32_t rounds_;
  std::vector<std::unique_ptr<Body>> bodies_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
};

TEST_F(StoreTest, PreemptedCallsOfOneStoreKeepTheirShadowStackFrames) {
  // The tick falls between the guest's store to its frame and the load from it, several times.
  struct Policy final : TickPolicy {
    Engine& engine;
    int yields = 0;
    explicit Policy(Engine& e) : engine(e) {}
    TickVerdict on_tick(Fiber&) noexcept override {
      if (++yields % 4 != 0) engine.increment_epoch();
      return TickVerdict::yield;
    }
    std::string end_reason() const override { return ""; }
  } policy(*engine);
  HostFuncs hosts(*engine);
  auto pause = hosts.define(
      {}, [](void* at, Store&, abi::CoreValue*, std::size_t) { static_cast<Engine*>(at)->increment_epoch(); },
      engine.get());
  Module module = compile(shadow_stack_guest);
  auto store = Store::create(*engine, {}, &policy, nullptr).value();
  Func work;
  ASSERT_EQ(run(*store,
                [&] {
                  Extern import = get(hosts, *store, *pause);
                  work = func(*store, store->instantiate(module, {&import, 1}, {}), "work");
                }),
            nullptr);
  Calls calls(*store, work, 20);
  for (std::uint32_t i = 1; i <= 100; ++i) calls.add(i);
  std::mt19937 random(3);
  std::size_t done = 0;
  std::size_t refused = 0;
  while (done < calls.fibers().size()) {
    Fiber& chosen = *calls.fibers()[random() % calls.fibers().size()];
    if (chosen.state() == Fiber::State::done) continue;
    const bool held = store->holder() != nullptr && store->holder() != &chosen;
    const Fiber::State before = chosen.state();
    const Fiber::State after = chosen.resume();
    if (held) {
      EXPECT_EQ(after, before) << "a held store runs only its holder";
      ++refused;
    } else if (after == Fiber::State::done) {
      ++done;
    }
  }
  for (std::size_t i = 0; i < calls.fibers().size(); ++i) EXPECT_TRUE(calls.right(i)) << i;
  EXPECT_GT(policy.yields, 0);
  EXPECT_GT(refused, 0u);
}

TEST_F(StoreTest, ASynchronousWaitHoldsTheStoreAndABlockingPointReleasesIt) {
  for (Hold hold : {Hold::keep, Hold::release}) {
    HostFuncs hosts(*engine);
    auto pause = hosts.define(
        {},
        [](void* env, Store& store, abi::CoreValue*, std::size_t) {
          store.current_fiber()->wait(*static_cast<Hold*>(env));
        },
        &hold);
    Module module = compile(shadow_stack_guest);
    auto store = Store::create(*engine, {}, nullptr, nullptr).value();
    Func work;
    ASSERT_EQ(run(*store,
                  [&] {
                    Extern import = get(hosts, *store, *pause);
                    work = func(*store, store->instantiate(module, {&import, 1}, {}), "work");
                  }),
              nullptr);
    Calls calls(*store, work, 1);
    Fiber& first = calls.add(1);
    Fiber& second = calls.add(2);
    EXPECT_EQ(first.resume(), Fiber::State::waiting);
    if (hold == Hold::keep) {
      EXPECT_EQ(second.resume(), Fiber::State::fresh);
    } else {
      // Last in, first out, as a scheduler that respects guests' stacks would do it.
      EXPECT_EQ(second.resume(), Fiber::State::waiting);
      EXPECT_EQ(second.resume(), Fiber::State::done);
    }
    EXPECT_EQ(first.resume(), Fiber::State::done);
    if (hold == Hold::keep) {
      EXPECT_EQ(second.resume(), Fiber::State::waiting);
      EXPECT_EQ(second.resume(), Fiber::State::done);
    }
    EXPECT_TRUE(calls.right(0));
    EXPECT_TRUE(calls.right(1));
  }
}

TEST_F(StoreTest, ManyReleasedCallsOfOneStoreEndInAnyOrderAlsoAmongTraps) {
  // Beyond what the engine's async.h promises: see engine/README.md for the conditions. The guest keeps its values in
  // locals, so that any order is right.
  HostFuncs hosts(*engine);
  struct Env {
    std::mt19937 random{5};
    Func boom;
  } env;
  auto pause = hosts.define(
      {},
      [](void* at, Store& store, abi::CoreValue*, std::size_t) {
        auto& e = *static_cast<Env*>(at);
        for (std::uint32_t waits = e.random() % 4; waits > 0; --waits) store.current_fiber()->wait(Hold::release);
        if (e.random() % 5 == 0) {
          abi::CoreValue none;
          store.call(e.boom, &none, 0);
        }
      },
      &env);
  Module module = compile(R"((module (import "" "pause" (func $pause))
      (func (export "boom") unreachable)
      (func (export "work") (param $mine i32) (param i32) (result i32)
        call $pause call $pause call $pause local.get $mine)))");
  for (int round = 0; round < 40; ++round) {
    auto store = Store::create(*engine, {}, nullptr, nullptr).value();
    Func work;
    ASSERT_EQ(run(*store,
                  [&] {
                    Extern import = get(hosts, *store, *pause);
                    Instance instance = store->instantiate(module, {&import, 1}, {});
                    work = func(*store, instance, "work");
                    env.boom = func(*store, instance, "boom");
                  }),
              nullptr);
    Calls calls(*store, work, 0);
    std::vector<std::size_t> open;
    for (std::uint32_t i = 0; i < 60; ++i) {
      calls.add(i + 1);
      open.push_back(i);
    }
    std::size_t trapped = 0;
    while (open.size() > 3) {
      const std::size_t at = env.random() % open.size();
      Fiber& fiber = *calls.fibers()[open[at]];
      if (fiber.resume() != Fiber::State::done) continue;
      if (fiber.failure() != nullptr) {
        EXPECT_THROW(std::rethrow_exception(fiber.failure()), GuestTrap);
        ++trapped;
      } else {
        EXPECT_TRUE(calls.right(open[at]));
      }
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    }
    EXPECT_GT(trapped, 0u);
    // The rest is dropped while it waits.
  }
}

TEST_F(StoreTest, ADroppedFiberPoisonsItsStore) {
  HostFuncs hosts(*engine);
  auto pause = hosts.define(
      {}, [](void*, Store& store, abi::CoreValue*, std::size_t) { store.current_fiber()->wait(); }, nullptr);
  Module module = compile(shadow_stack_guest);
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  Func work;
  ASSERT_EQ(run(*store,
                [&] {
                  Extern import = get(hosts, *store, *pause);
                  work = func(*store, store->instantiate(module, {&import, 1}, {}), "work");
                }),
            nullptr);
  {
    Calls calls(*store, work, 1);
    EXPECT_EQ(calls.add(1).resume(), Fiber::State::waiting);
  }
  EXPECT_TRUE(store->poisoned());
  Calls calls(*store, work, 1);
  Fiber& fiber = calls.add(2);
  EXPECT_EQ(fiber.resume(), Fiber::State::done);
  ASSERT_NE(fiber.failure(), nullptr);
  EXPECT_THROW(std::rethrow_exception(fiber.failure()), GuestTrap);
}

TEST_F(StoreTest, AHostFunctionThatWaitsWhileItHandlesAnExceptionTraps) {
  HostFuncs hosts(*engine);
  auto pause = hosts.define(
      {},
      [](void*, Store& store, abi::CoreValue*, std::size_t) {
        try {
          throw 1;
        } catch (int) {
          store.current_fiber()->wait();
        }
      },
      nullptr);
  Module module = compile(R"((module (import "" "f" (func $f)) (func (export "go") call $f)))");
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto failure = run(*store, [&] {
    Extern import = get(hosts, *store, *pause);
    Instance instance = store->instantiate(module, {&import, 1}, {});
    abi::CoreValue none;
    store->call(func(*store, instance, "go"), &none, 0);
  });
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), abi::Trap);
}

TEST_F(StoreTest, DataComesFromTheImageAndIsFreshEachTime) {
  const auto original = testing::wat(R"((module (memory (export "m") 1)
      (data (i32.const 70) "hello") (data (i32.const 9000) "x")
      (func (export "poke") (i32.store8 (i32.const 70) (i32.const 33)) (i32.store8 (i32.const 20000) (i32.const 9)))))");
  const SeparatedModule separated = separate(original);
  const MemoryImages images = separated.images().value();
  ASSERT_EQ(images.size(), 1u);
  Module module = Module::compile(*engine, separated.code()).value();
  const std::byte* base = nullptr;
  for (int round = 0; round < 3; ++round) {
    auto store = Store::create(*engine, {}, nullptr, nullptr).value();
    auto failure = run(*store, [&] {
      Instance instance = store->instantiate(module, {}, images);
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

TEST_F(StoreTest, DataIsInItsMemoryAlsoIfTheEngineOrTheModuleMakesAnEmptyOneFirst) {
  // A tag asks for the engine's heap of exceptions, which is a memory too.
  const auto original = testing::wat(R"((module (tag $e) (memory 0) (memory (export "m") 1)
      (data (memory 1) (i32.const 70) "hello")
      (func (export "catch") (result i32) (block (try_table (catch_all 0) (throw $e))) (i32.const 5))))");
  const SeparatedModule separated = separate(original);
  const MemoryImages images = separated.images().value();
  ASSERT_EQ(images.size(), 1u);
  Module module = Module::compile(*engine, separated.code()).value();
  auto store = Store::create(*engine, {}, nullptr, nullptr).value();
  auto failure = run(*store, [&] {
    Instance instance = store->instantiate(module, {}, images);
    Extern item;
    ASSERT_TRUE(store->export_of(instance, "m", item));
    EXPECT_EQ(std::memcmp(store->memory_of(item)->base + 70, "hello", 5), 0);
    abi::CoreValue value;
    store->call(func(*store, instance, "catch"), &value, 1);
    EXPECT_EQ(value.i32(), 5u);
  });
  EXPECT_EQ(failure, nullptr);
}

}  // namespace
}  // namespace weft::wasm
