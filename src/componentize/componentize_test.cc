#include "componentize/componentize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/decode.h"
#include "component/plan.h"
#include "component/validate.h"
#include "componentize/namespaces.h"
#include "wasm/testing/wat.h"

namespace weft::componentize {
namespace {

using component::ast::Bytes;
using ::testing::HasSubstr;

Bytes module(std::string_view text) {
  return std::make_shared<const std::vector<std::byte>>(wasm::testing::wat(text));
}

// The plan of what is made of the module.
Result<std::unique_ptr<component::LinkPlan>> plan_of(std::string_view text,
                                                     component::Bypass bypass = component::Bypass::where_exact) {
  TRY(const Bytes made, as_component(module(text), "x.wasm"));
  TRY(const auto ast, component::decode(made));
  CHECK_OK(component::validate(*ast));
  return component::make_plan(*ast, bypass);
}

std::string error_of(std::string_view text) {
  const auto plan = plan_of(text);
  return plan ? "" : plan.error().message();
}

constexpr std::string_view command = R"((module
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "_start"))))";

TEST(Componentize, ACommandExportsRunAndImportsTheHostsInterface) {
  const auto plan = plan_of(command).value();
  ASSERT_EQ(plan->host_funcs.size(), 3u);
  EXPECT_EQ(plan->host_funcs[0].interface, namespaces()[0].interface);
  EXPECT_EQ(plan->host_funcs[0].name, "fd-write");
  EXPECT_EQ(plan->host_funcs[2].type->result, nullptr);
  ASSERT_EQ(plan->exports.items.size(), 1u);
  EXPECT_EQ(plan->exports.items[0].first, "wasi:cli/run@0.2.0");
}

TEST(Componentize, OfWhatIsAddedNothingIsLeftButTheCallOfStart) {
  EXPECT_EQ(plan_of(command).value()->modules.size(), 2u) << "the module and the function that calls _start";
  EXPECT_EQ(plan_of(command, component::Bypass::never).value()->modules.size(), 4u);
}

TEST(Componentize, TheHostsFunctionsHaveTheModulesMemory) {
  const auto plan = plan_of(command).value();
  std::size_t lowered = 0;
  for (const component::Trampoline& trampoline : plan->trampolines) {
    const auto* lower = std::get_if<component::LowerTrampoline>(&trampoline);
    if (lower == nullptr) continue;
    ++lowered;
    EXPECT_TRUE(lower->caller.memory);
  }
  EXPECT_EQ(lowered, 3u);
}

TEST(Componentize, AModuleNeedsNoMemoryAndNoImports) {
  const auto plan = plan_of("(module (func (export \"_start\")))").value();
  EXPECT_TRUE(plan->host_funcs.empty());
  EXPECT_EQ(plan->exports.items.size(), 1u);
}

TEST(Componentize, AReactorsInitializeIsCalledWhenItIsInstantiated) {
  const auto plan = plan_of("(module (func (export \"_initialize\")))").value();
  EXPECT_TRUE(std::holds_alternative<component::CallStart>(plan->steps.back()));
  EXPECT_TRUE(plan->exports.items.empty());
  const auto both = plan_of("(module (func (export \"_initialize\")) (func (export \"_start\")))").value();
  for (const component::Step& step : both->steps) EXPECT_FALSE(std::holds_alternative<component::CallStart>(step));
}

TEST(Componentize, AStartOfAnotherTypeMakesNoCommand) {
  EXPECT_TRUE(plan_of("(module (func (export \"_start\") (param i32)))").value()->exports.items.empty());
  EXPECT_TRUE(plan_of("(module (memory (export \"_start\") 1))").value()->exports.items.empty());
}

TEST(Componentize, ComponentsAndWhatIsNeitherPassUntouched) {
  const Bytes component = std::make_shared<const std::vector<std::byte>>(wasm::testing::wat("(component)"));
  EXPECT_EQ(as_component(component, "x").value(), component);
  const Bytes nothing = std::make_shared<const std::vector<std::byte>>();
  EXPECT_EQ(as_component(nothing, "x").value(), nothing);
}

TEST(Componentize, ImportsThatNobodyServesAreRefusedByName) {
  EXPECT_THAT(error_of("(module (import \"env\" \"f\" (func)) (import \"env\" \"m\" (memory 1)))"),
              ::testing::AllOf(HasSubstr("x.wasm: the core module imports env.f, env.m (not yet)"),
                               HasSubstr("wasm-tools component new")));
  EXPECT_THAT(error_of("(module (import \"wasi_snapshot_preview1\" \"fd_write\" (memory 1)))"),
              HasSubstr("wasi_snapshot_preview1.fd_write"));
  EXPECT_THAT(error_of("(module (import \"wasi_snapshot_preview1\" \"f g\" (func)))"),
              HasSubstr("wasi_snapshot_preview1.f g"));
  EXPECT_THAT(error_of("(module (import \"wasi_snapshot_preview1\" \"f\" (func (param externref))))"),
              HasSubstr("wasi_snapshot_preview1.f"));
  EXPECT_THAT(error_of("(module (import \"wasi_snapshot_preview1\" \"f\" (func (result i32 i32))))"),
              HasSubstr("wasi_snapshot_preview1.f"));
}

TEST(Componentize, AFunctionMayBeImportedTwice) {
  const auto plan = plan_of(R"((module
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (import "wasi_snapshot_preview1" "proc_exit#2" (func (param i32)))
    (func (export "_start"))))");
  ASSERT_FALSE(plan) << "a name with # is no function of preview 1";
  const auto twice = plan_of(R"((module
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (func (export "_start"))))");
  ASSERT_TRUE(twice) << twice.error().message();
  EXPECT_EQ((*twice)->host_funcs.size(), 2u);
  EXPECT_FALSE(plan_of(R"((module
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i64)))
    (func (export "_start"))))"))
      << "but not with two types";
}

TEST(Componentize, AMemoryOf64BitsIsRefused) {
  EXPECT_THAT(error_of("(module (memory (export \"memory\") i64 1))"), HasSubstr("64-bit memory"));
}

TEST(Componentize, AMalformedModuleIsAnErrorWithItsPlace) {
  auto bytes = wasm::testing::wat(command);
  bytes.resize(bytes.size() / 2);
  const auto made = as_component(std::make_shared<const std::vector<std::byte>>(std::move(bytes)), "x.wasm");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Errc::invalid);
  EXPECT_THAT(made.error().message(), HasSubstr("x.wasm: offset 0x"));
}

TEST(Componentize, ManyImportsAreNamedInPart) {
  std::string text = "(module";
  for (int i = 0; i < 20; ++i) text += " (import \"env\" \"f" + std::to_string(i) + "\" (func))";
  EXPECT_THAT(error_of(text + ")"), HasSubstr("env.f11 and 8 more"));
}

}  // namespace
}  // namespace weft::componentize
