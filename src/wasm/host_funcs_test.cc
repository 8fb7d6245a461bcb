#include "wasm/host_funcs.h"

#include <gtest/gtest.h>

#include "wasm/store.h"
#include "wasm/testing/wat.h"

namespace weft::wasm {
namespace {

class HostFuncsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> engine = Engine::create({}).value();
  std::unique_ptr<Store> store = Store::create(*engine, {}, nullptr, this).value();
  Func target;  // of forwards

  Module compile(std::string_view wat) { return Module::compile(*engine, testing::wat(wat)).value(); }

  Func func(const Instance& instance, std::string_view name) {
    Extern item;
    EXPECT_TRUE(store->export_of(instance, name, item)) << name;
    return store->func_of(item);
  }
  std::uint32_t call(const Instance& instance, std::string_view name) {
    abi::CoreValue value;
    store->call(func(instance, name), &value, 1);
    return value.i32();
  }

  template <class F>
  std::string failure_of(F body) {
    Fiber fiber(*store, [](void* env) { (*static_cast<F*>(env))(); }, &body);
    while (fiber.resume() != Fiber::State::done) {
    }
    try {
      if (fiber.failure() != nullptr) std::rethrow_exception(fiber.failure());
    } catch (const abi::Trap& trap) {
      return trap.message();
    }
    return "";
  }

  // A function that goes on to `target`, which traps while there is none.
  HostFunc forward(FuncType type) {
    return {.type = std::move(type),
            .forward = [](void* env, Store&) -> const Func& {
              const Func& to = static_cast<HostFuncsTest*>(env)->target;
              if (!to) throw uninitialized_element();
              return to;
            },
            .env = this};
  }
};

const FuncType number{.params = {CoreType::i32}, .results = {CoreType::i32}};

TEST_F(HostFuncsTest, APreparedModuleCallsWhatItWasBoundTo) {
  Module module = compile(R"((module
    (import "a" "b" (func $f (param i32) (result i32)))
    (import "a" "c" (func $g (param i32) (result i32)))
    (func (export "run") (result i32) (i32.sub (call $f (i32.const 5)) (call $g (i32.const 5))))))");
  const auto times = [](std::uint32_t* by) {
    return HostFunc{.type = number,
                    .call = [](void* env, Store&, abi::CoreValue* values,
                               std::size_t) { values[0].set_i32(values[0].i32() * *static_cast<std::uint32_t*>(env)); },
                    .env = by};
  };
  std::uint32_t three = 3, two = 2;
  const std::vector<HostFunc> imports{times(&three), times(&two)};
  const auto prepared = InstancePre::create(*engine, module, imports).value();
  EXPECT_EQ(failure_of([&] {
              EXPECT_EQ(call(store->instantiate(*prepared, {}), "run"), 5u);
              EXPECT_EQ(call(store->instantiate(*prepared, {}), "run"), 5u);
            }),
            "");
}

TEST_F(HostFuncsTest, AModuleIsPreparedWithFunctionsOfItsImportsTypesOnly) {
  Module module = compile(R"((module (import "a" "b" (func (param i64)))))");
  EXPECT_FALSE(InstancePre::create(*engine, module, {}));
  const std::vector<HostFunc> imports{forward(number)};
  EXPECT_FALSE(InstancePre::create(*engine, module, imports));
}

TEST_F(HostFuncsTest, AForwardedCallTrapsUntilThereIsATarget) {
  Module caller = compile(R"((module
    (import "" "f" (func $f (param i32) (result i32)))
    (func (export "run") (result i32) (call $f (i32.const 20)))))");
  Module callee = compile(R"((module (func (export "twice") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 2)))))");
  const std::vector<HostFunc> imports{forward(number)};
  const auto prepared = InstancePre::create(*engine, caller, imports).value();
  Instance instance;
  EXPECT_EQ(failure_of([&] {
              instance = store->instantiate(*prepared, {});
              call(instance, "run");
            }),
            "wasm trap: uninitialized element");
  EXPECT_EQ(failure_of([&] {
              target = func(store->instantiate(callee, {}, {}), "twice");
              EXPECT_EQ(call(instance, "run"), 40u);
            }),
            "");
}

TEST_F(HostFuncsTest, AnExceptionOfTheTargetReachesTheCallersHandler) {
  Module callee = compile(R"((module (tag $e (export "e") (param i32))
    (func (export "throw") (param i32) (result i32) (throw $e (local.get 0)))))");
  Module caller = compile(R"((module
    (import "" "e" (tag $e (param i32)))
    (import "" "f" (func $f (param i32) (result i32)))
    (func (export "caught") (result i32)
      (block $h (result i32) (try_table (result i32) (catch $e $h) (call $f (i32.const 7))) (drop) (i32.const 0)))
    (func (export "not caught") (result i32) (call $f (i32.const 7)))))");
  HostFuncs hosts(*engine);
  const std::uint32_t index = hosts.define(forward(number)).value();
  ASSERT_TRUE(hosts.seal());
  Instance instance;
  EXPECT_EQ(failure_of([&] {
              const Instance thrower = store->instantiate(callee, {}, {});
              target = func(thrower, "throw");
              Extern imports[2];
              ASSERT_TRUE(store->export_of(thrower, "e", imports[0]));
              std::vector<Extern> all(hosts.size());
              hosts.get_all(*store, all);
              imports[1] = all[hosts.place(index)];
              instance = store->instantiate(caller, imports, {});
              EXPECT_EQ(call(instance, "caught"), 7u);
            }),
            "");
  bool is_exception = false;
  failure_of([&] {
    try {
      call(instance, "not caught");
    } catch (const GuestTrap& trap) {
      is_exception = trap.is_exception();
    }
  });
  EXPECT_TRUE(is_exception);
}

TEST_F(HostFuncsTest, ATrapOfTheTargetKeepsItsCauseAndFrames) {
  Module caller = compile(R"((module
    (import "" "f" (func $f (param i32) (result i32)))
    (func $outer (export "run") (result i32) (call $f (i32.const 20)))))");
  Module callee = compile(R"((module (func $inner (export "f") (param i32) (result i32) unreachable)))");
  const std::vector<HostFunc> imports{forward(number)};
  const auto prepared = InstancePre::create(*engine, caller, imports).value();
  std::string detail;
  failure_of([&] {
    target = func(store->instantiate(callee, {}, {}), "f");
    try {
      call(store->instantiate(*prepared, {}), "run");
    } catch (const GuestTrap& trap) {
      EXPECT_EQ(trap.message(), "wasm trap: wasm `unreachable` instruction executed");
      detail = trap.detail();
    }
  });
  EXPECT_NE(detail.find("inner"), std::string::npos) << detail;
}

TEST_F(HostFuncsTest, ForwardsThatGoRoundEndWithTheStack) {
  Module module = compile(R"((module
    (import "" "f" (func $f (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $f (local.get 0)))))");
  const std::vector<HostFunc> imports{forward(number)};
  const auto prepared = InstancePre::create(*engine, module, imports).value();
  EXPECT_EQ(failure_of([&] {
              const Instance instance = store->instantiate(*prepared, {});
              target = func(instance, "run");
              abi::CoreValue value;
              store->call(target, &value, 1);
            }),
            "call stack exhausted");
}

}  // namespace
}  // namespace weft::wasm
