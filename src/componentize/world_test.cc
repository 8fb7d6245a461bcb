// Modules that wit-bindgen made bindings for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/byte_writer.h"
#include "component/decode.h"
#include "component/plan.h"
#include "component/validate.h"
#include "componentize/componentize.h"
#include "wasm/testing/wat.h"

namespace weft::componentize {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// `module` with a section for each world, which are the declarators of its type.
std::shared_ptr<const std::vector<std::byte>> with_worlds(std::string_view module,
                                                          const std::vector<std::string>& worlds) {
  component::ByteWriter w;
  w.raw(wasm::testing::wat(module));
  int number = 0;
  for (const std::string& world : worlds) {
    component::ByteWriter section;
    section.name("component-type:" + std::to_string(number++));
    section.raw(wasm::testing::wat("(component (type (component (type (component " + world +
                                   ")) (export \"test:it/world\" (component (type 0))))))"));
    w.byte(0);
    w.sized(section.bytes());
  }
  return std::make_shared<const std::vector<std::byte>>(w.take());
}

Result<std::unique_ptr<component::LinkPlan>> plan_of(std::string_view module, const std::vector<std::string>& worlds) {
  TRY(const auto made, as_component(with_worlds(module, worlds), "x.wasm"));
  TRY(const auto ast, component::decode(made));
  CHECK_OK(component::validate(*ast));
  return component::make_plan(*ast);
}
std::string error_of(std::string_view module, const std::vector<std::string>& worlds) {
  const auto plan = plan_of(module, worlds);
  return plan ? "" : plan.error().message();
}
std::vector<std::string> imports_of(const component::LinkPlan& plan) {
  std::vector<std::string> names;
  for (const auto& func : plan.host_funcs) names.push_back(func.interface + "#" + func.name);
  return names;
}

const std::string types = R"(
  (import "test:a/types" (instance $types
    (export "thing" (type $thing (sub resource)))
    (type $borrow (borrow $thing))
    (type $own (own $thing))
    (type $r (record (field "name" string) (field "of" $own)))
    (export "entry" (type $entry (eq $r)))
    (type $entries (list $entry))
    (export "[constructor]thing" (func (result $own)))
    (export "[method]thing.list" (func (param "self" $borrow) (result $entries)))
    (export "unused" (func))))
  (alias export $types "thing" (type $thing))
  (alias export $types "entry" (type $entry))
)";
const std::string user = R"(
  (import "test:a/user" (instance
    (alias outer 1 $thing (type $t)) (export "thing" (type $thing (eq $t)))
    (alias outer 1 $entry (type $e)) (export "entry" (type $entry (eq $e)))
    (type $own (own $thing))
    (export "take" (func (param "thing" $own) (result $entry))))))";
const std::string handler = R"(
  (export "test:a/handler" (instance
    (alias outer 1 $thing (type $t)) (export "thing" (type $thing (eq $t)))
    (type $own (own $thing))
    (export "handle" (func (param "thing" $own) (result string))))))";

constexpr std::string_view module = R"((module
  (import "test:a/types" "[method]thing.list" (func (param i32 i32)))
  (import "test:a/types" "[resource-drop]thing" (func (param i32)))
  (import "test:a/user" "take" (func (param i32 i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "cabi_post_test:a/handler#handle") (param i32))
  (func (export "test:a/handler#handle") (param i32) (result i32) unreachable)))";

TEST(Worlds, AModuleImportsWhatItCallsAndExportsWhatItsWorldSays) {
  const auto plan = plan_of(module, {types + user + handler});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_THAT(imports_of(**plan), UnorderedElementsAre("test:a/types#[method]thing.list", "test:a/user#take",
                                                       "weft:core/wasi-snapshot-preview1@1.0.0#proc-exit"));
  ASSERT_EQ((*plan)->resources.size(), 1u);
  EXPECT_EQ((*plan)->resources[0].interface, "test:a/types");
  ASSERT_EQ((*plan)->exports.items.size(), 1u);
  EXPECT_EQ((*plan)->exports.items[0].first, "test:a/handler");
  ASSERT_EQ((*plan)->lifts.size(), 1u);
  EXPECT_TRUE((*plan)->lifts[0].options.memory);
  EXPECT_TRUE((*plan)->lifts[0].options.realloc);
  EXPECT_TRUE((*plan)->lifts[0].options.post_return);
  EXPECT_EQ((*plan)->modules.size(), 1u) << "nothing is left of what is around it";
}

TEST(Worlds, SeveralWorldsAreOne) {
  // The second says of the same interface what the first does not.
  const std::string more = R"(
  (import "test:a/types" (instance $types
    (export "thing" (type $thing (sub resource)))
    (type $own (own $thing))
    (export "[constructor]thing" (func (result $own)))
    (export "other" (func (param "n" u32))))))";
  const std::string without = R"(
  (import "test:a/types" (instance $types
    (export "thing" (type $thing (sub resource)))
    (type $borrow (borrow $thing))
    (export "[method]thing.name" (func (param "self" $borrow) (result u32))))))";
  const auto plan = plan_of(R"((module (import "test:a/types" "other" (func (param i32)))
    (import "test:a/types" "[constructor]thing" (func (result i32)))
    (import "test:a/types" "[method]thing.name" (func (param i32) (result i32)))))",
                            {without, more});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ((*plan)->host_funcs.size(), 3u);
  EXPECT_EQ((*plan)->resources.size(), 1u) << "one resource, whoever mentions it";
}

TEST(Worlds, FunctionsOfTheWorldItselfHaveTheNamesTheyHave) {
  const auto plan = plan_of(R"((module (import "$root" "ask" (func (param i32) (result i32)))
    (func (export "tell") (param i64) (result i64) local.get 0)))",
                            {R"((import "ask" (func (param "n" u32) (result bool)))
    (import "unasked" (func)) (export "tell" (func (param "n" u64) (result u64))))"});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_THAT(imports_of(**plan), UnorderedElementsAre("#ask"));
  EXPECT_EQ((*plan)->exports.items[0].first, "tell");
}

TEST(Worlds, ACommandWithBindingsIsACommand) {
  const auto plan = plan_of("(module (func (export \"_start\")))", {"(import \"unasked\" (func))"});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ((*plan)->exports.items[0].first, "wasi:cli/run@0.2.0");
}

TEST(Worlds, WhatDoesNotFitTheModuleIsAnError) {
  EXPECT_THAT(error_of("(module)", {types + handler}),
              HasSubstr("does not export test:a/handler#handle, which its world does"));
  EXPECT_THAT(error_of("(module (import \"test:a/types\" \"absent\" (func)))", {types}),
              HasSubstr("imports test:a/types.absent (not yet)"));
  EXPECT_THAT(error_of("(module (import \"test:a/types\" \"[resource-drop]absent\" (func (param i32))))", {types}),
              HasSubstr("[resource-drop]absent"));
  // Of the function's type the validator has the last word.
  EXPECT_NE(error_of("(module (import \"test:a/types\" \"unused\" (func (param f64))))", {types}), "");
}

TEST(Worlds, ExportsWithTypesOfTheirOwnAreRefused) {
  EXPECT_THAT(error_of("(module (func (export \"test:a/own#f\") (param i32)))", {R"(
    (export "test:a/own" (instance (type $c (enum "a" "b")) (export "choice" (type $choice (eq $c)))
      (export "f" (func (param "c" $choice))))))"}),
              HasSubstr("exports test:a/own, which has a type of its own, choice (not yet)"));
  EXPECT_THAT(error_of("(module (func (export \"test:a/own#f\") (param i32)))", {R"(
    (export "test:a/own" (instance (export "r" (type $r (sub resource))) (type $own (own $r))
      (export "f" (func (param "r" $own))))))"}),
              HasSubstr("a type of its own, r"));
  const auto alias = plan_of("(module (func (export \"test:a/own#f\") (param i32)))", {R"(
    (export "test:a/own" (instance (type $n u32) (export "number" (type $number (eq $n)))
      (export "f" (func (param "n" $number))))))"});
  EXPECT_TRUE(alias) << alias.error().message();
}

TEST(Worlds, SectionsThatAreNoWorldsAreErrors) {
  const auto module_with = [](std::vector<std::byte> content) {
    component::ByteWriter w;
    w.raw(wasm::testing::wat("(module)"));
    component::ByteWriter section;
    section.name("component-type:x");
    section.raw(content);
    w.byte(0);
    w.sized(section.bytes());
    return as_component(std::make_shared<const std::vector<std::byte>>(w.take()), "x.wasm");
  };
  EXPECT_THAT(module_with({}).error().message(), HasSubstr("a section component-type"));
  EXPECT_THAT(module_with(wasm::testing::wat("(component)")).error().message(), HasSubstr("is no world"));
  EXPECT_THAT(module_with(wasm::testing::wat("(module)")).error().message(), HasSubstr("a section component-type"));
}

TEST(Worlds, InterfacesThatNeedEachOtherAreAnError) {
  // Each world is right, and together they are not.
  const auto world = [](const std::string& first, const std::string& second) {
    return "(import \"test:a/" + first + "\" (instance $i (type $n u32) (export \"t\" (type (eq $n)))))" +
           "(alias export $i \"t\" (type $t)) (import \"test:a/" + second +
           "\" (instance (alias outer 1 $t (type $o)) (export \"u\" (type $u (eq $o))) (export \"f-" + first +
           "\" (func (param \"u\" $u)))))";
  };
  const std::string both =
      R"((module (import "test:a/x" "f-y" (func (param i32))) (import "test:a/y" "f-x" (func (param i32)))))";
  EXPECT_THAT(error_of(both, {world("x", "y"), world("y", "x")}), HasSubstr("names a type that it does not have"));
}

}  // namespace
}  // namespace weft::componentize
