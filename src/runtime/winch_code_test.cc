#include "runtime/winch_code.h"

#include <gtest/gtest.h>

#include <string>

#include "component/test_guest.h"
#include "runtime/code_store.h"
#include "runtime/loader.h"
#include "runtime/test_folder.h"
#include "wasm/testing/wat.h"

namespace weft::runtime {
namespace {

using wasm::testing::wat;

// Functions that make `kilobytes` of code.
std::string filling(int kilobytes) {
  std::string functions;
  for (int i = 0; i < kilobytes; ++i) {
    functions += "(func (param i32) (result i32) local.get 0";
    for (int j = 0; j < 250; ++j) functions += " i32.const " + std::to_string(j % 64) + " i32.add";
    functions += ")";
  }
  return functions;
}

std::vector<std::byte> module_of(const std::string& fields) {
  return wat("(module (func (export \"f\"))" + fields + ")");
}

class WinchCodeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    engine = &component::test::engine();
    auto made =
        wasm::Engine::create({.parallel_compilation = wasm::compiles_in_parallel, .effort = wasm::Effort::winch});
    winch = made.value().release();
  }

  std::unique_ptr<CodeStore> open(std::chrono::milliseconds delay = std::chrono::milliseconds(0)) {
    auto cache = CodeCache::open({.folder = folder.path() / "code"});
    return std::make_unique<CodeStore>(*engine, *std::move(cache), CompileOptions{}, delay, CodeStore::First::quick,
                                       winch);
  }
  static Code load(CodeStore& store, const std::vector<std::vector<std::byte>>& modules) {
    std::vector<CoreModule> parts(modules.begin(), modules.end());
    return store.modules(parts).value();
  }

  // Of the whole program: what is loaded in an engine may be so for longer than a test.
  static wasm::Engine* engine;
  static wasm::Engine* winch;
  TestFolder folder;
};
wasm::Engine* WinchCodeTest::engine = nullptr;
wasm::Engine* WinchCodeTest::winch = nullptr;

TEST_F(WinchCodeTest, MuchCodeThatIsMissingIsMadeForTheEngineOfWinch) {
  auto store = open();
  const auto large = module_of(filling(40)), small = module_of("");
  const Code code = load(*store, {large, small, large});
  EXPECT_EQ(code.engine, winch);
  EXPECT_TRUE(code.is_quick);
  ASSERT_EQ(code.modules.size(), 3u);
  EXPECT_EQ(code.modules[0].raw(), code.modules[2].raw());
  EXPECT_EQ(code.modules[1].exports().at(0).name, "f");
  EXPECT_EQ(store->counts().winch, 2u);
  EXPECT_EQ(store->counts().compiled, 0u);
  // What is in use is not made again, though the usual engine still has none of it.
  EXPECT_EQ(load(*store, {large}).modules[0].raw(), code.modules[0].raw());
  EXPECT_EQ(store->counts().winch, 2u);
}

TEST_F(WinchCodeTest, LittleCodeIsCompiledAsUsual) {
  auto store = open();
  EXPECT_EQ(load(*store, {module_of("")}).engine, nullptr);
  EXPECT_EQ(store->counts().winch, 0u);
  EXPECT_EQ(store->counts().compiled, 1u);
}

TEST_F(WinchCodeTest, ALittleThatIsMissingBesideMuchThatIsKeptIsCompiledAsUsual) {
  const auto kept = module_of(filling(200)), changed = module_of(filling(40));
  auto usual = CodeStore(*engine, CodeCache::open({.folder = folder.path() / "code"}).value(), {});
  {
    std::vector<CoreModule> parts{CoreModule(kept)};
    usual.modules(parts).value();
    usual.settle();
  }
  auto store = open();
  EXPECT_EQ(load(*store, {kept, changed}).engine, nullptr);
  EXPECT_EQ(store->counts().cached, 1u);
  EXPECT_EQ(store->counts().compiled, 1u);
}

TEST_F(WinchCodeTest, WhatWinchRefusesIsCompiledAsUsual) {
  auto store = open();
  const auto tail_call = module_of(filling(40) + "(func $g return_call $g)");
  const Code code = load(*store, {tail_call});
  EXPECT_EQ(code.engine, nullptr);
  EXPECT_EQ(code.modules.at(0).exports().at(0).name, "f");
  EXPECT_EQ(store->counts().winch, 0u);
  EXPECT_EQ(store->counts().compiled, 1u);
}

TEST_F(WinchCodeTest, AComponentRunsInTheEngineOfWinchUntilBetterCodeTakesItsPlace) {
  const auto bytes = std::make_shared<const std::vector<std::byte>>(wat(
      "(component (core module $M (memory 1) (data (i32.const 8) \"\\07\") "
      "(func (export \"f\") (result i32) (i32.load8_u (i32.const 8)))" +
      filling(40) +
      ") (core instance $m (instantiate $M)) (func (export \"f\") (result u32) (canon lift (core func $m \"f\"))))"));
  auto store = open(std::chrono::milliseconds(0));
  const component::test::NoHost host;
  const auto live = load_component(*engine, *store, host, bytes, "app.wasm").value();
  const auto first = live->current();
  EXPECT_EQ(&first->engine(), winch);
  component::test::Guest before(first);
  EXPECT_EQ(component::test::Guest(first).call("f"), "7");
  store->settle();
  EXPECT_EQ(live->generation(), 1u);
  EXPECT_EQ(&live->current()->engine(), engine);
  EXPECT_EQ(component::test::Guest(live->current()).call("f"), "7");
  EXPECT_EQ(before.call("f"), "7") << "who began in the one engine ends in it";
}

}  // namespace
}  // namespace weft::runtime
