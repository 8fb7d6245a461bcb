#include "wast/mutation.h"

#include <gtest/gtest.h>

#include "component/validate.h"
#include "wasm/engine.h"
#include "wasm/testing/wat.h"
#include "wast/definition.h"

namespace weft::wast {
namespace {

namespace ast = component::ast;

// Something of every kind of definition and type that can stand in a component.
constexpr const char* all_kinds = R"((component
  (core type $void (func))
  (core type $rec (sub (struct (field i8) (field (mut (ref null any))))))
  (core type $module (module
    (alias outer 1 $void (type $outer))
    (type $own (func (param i64) (result f32 f64 v128)))
    (import "env" "memory" (memory 1 2))
    (import "env" "table" (table 1 funcref))
    (import "env" "global" (global (mut i32)))
    (import "env" "tag" (tag (type $outer)))
    (export "f" (func (type $own)))))
  (core module $M
    (memory (export "memory") 1)
    (table (export "table") 1 funcref)
    (global (export "global") i32 (i32.const 3))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (func (export "dtor") (param i32))
    (func (export "f") (param i32 i32) (result i32) (i32.const 0))
    (func (export "post") (param i32)))
  (core module $N (import "m" "f" (func (param i32 i32) (result i32))) (export "again" (func 0)))
  (core instance $m (instantiate $M))
  (core instance $bundle (export "f" (func $m "f")))
  (core instance $n (instantiate $N (with "m" (instance $bundle))))
  (type $r (resource (rep i32) (dtor (core func $m "dtor"))))
  (export $r' "res" (type $r))
  (type $record (record (field "a" u8) (field "b" (tuple bool char))))
  (export $record' "record" (type $record))
  (type $variant (variant (case "x" string) (case "y")))
  (export $variant' "variant" (type $variant))
  (type $flags (flags "p" "q"))
  (export $flags' "flags" (type $flags))
  (type $enum (enum "p" "q"))
  (export $enum' "enum" (type $enum))
  (type $others (tuple (list s8) (option s16) (result s32) (result (error s64)) (map u16 u64) (list f32 4)))
  (type $stream (stream u8))
  (type $future (future))
  (type $component-type (component
    (import "in" (func (param "x" f64)))
    (export "out" (instance (export "t" (type (sub resource)))))))
  (import "needs" (instance (export "f" (func)) (export "g" (func async (result u32)))))
  (import "a:b/c@1.2.3" (instance))
  (import "mod" (core module (type $module)))
  (component $Inner
    (import "f" (func $f (param "text" string) (result u32)))
    (export "f-again" (func $f)))
  (func $f (param "text" string) (result u32) (canon lift (core func $m "f")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc")) (post-return (core func $m "post"))
    string-encoding=utf16))
  (instance $inner (instantiate $Inner (with "f" (func $f))))
  (instance $inline (export "f" (func $f)))
  (alias export $inner "f-again" (func $alias))
  (export "a:b/d" (instance $inline))
  (export "labelled" (external-id "any text") (func $alias))
  (core func (canon lower (func $f) (memory (core memory $m "memory"))))
  (core func (canon resource.new $r))
  (core func (canon stream.read $stream async (memory (core memory $m "memory"))))
  (core func (canon future.cancel-write $future async))
  (core func (canon task.return (result u32)))
  (core func (canon waitable-set.poll (memory (core memory $m "memory"))))
  (core func (canon context.get i32 1))
  (core func (canon thread.yield))))";

std::string valid(const std::vector<std::byte>& bytes) {
  const auto decoded = decode(bytes);
  if (!decoded) return decoded.error().message();
  const auto validated = component::validate(**decoded);
  return validated ? "" : validated.error().message();
}

std::size_t count_custom(const component::Component& component) {
  std::size_t count = 0;
  for (const auto& definition : component.definitions) {
    count += std::holds_alternative<ast::CustomSection>(definition.def) ? 1 : 0;
  }
  return count;
}

std::size_t count_definitions(const component::Component& component) {
  return component.definitions.size() - count_custom(component);
}

bool contains(std::span<const std::byte> bytes, std::string_view text) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find(text) !=
         std::string_view::npos;
}

TEST(Mutation, keeps_a_component_valid_and_changes_its_names) {
  const auto before = wasm::testing::wat(all_kinds);
  ASSERT_EQ(valid(before), "");
  Mutation mutation(1);
  const auto after = mutation.binary(before);
  EXPECT_EQ(valid(after), "");
  const auto old_component = decode(before).value(), new_component = decode(after).value();
  EXPECT_EQ(count_definitions(*new_component), count_definitions(*old_component));
  EXPECT_GT(count_custom(*new_component), count_custom(*old_component));
  for (const char* kept : {"@1.2.3", "any text"}) EXPECT_TRUE(contains(after, kept)) << kept;
  for (const char* changed : {"f-again", "realloc", "labelled", "needs"}) {
    EXPECT_TRUE(contains(before, changed)) << changed;
    EXPECT_FALSE(contains(after, changed)) << changed;
  }
}

TEST(Mutation, is_undone_by_renaming_back) {
  // Encoding loses nothing: what was mutated twice differs from once in names and custom sections only.
  Mutation first(1), second(2);
  const auto once = first.binary(wasm::testing::wat(all_kinds));
  const auto twice = second.binary(once);
  EXPECT_EQ(valid(twice), "");
  EXPECT_EQ(count_definitions(*decode(twice).value()), count_definitions(*decode(once).value()));
}

TEST(Mutation, keeps_core_modules_valid) {
  const auto engine = wasm::Engine::create({}).value();
  Mutation mutation(1);
  const auto after = mutation.binary(wasm::testing::wat(R"((module
    (import "env" "f" (func (param i32)))
    (import "env" "t" (table 1 externref))
    (memory (export "memory") 1)
    (global (export "g") (mut i64) (i64.const 1))
    (tag (export "e") (param f32))
    (func (export "run") (call 0 (i32.const 1)))
    (data (i32.const 0) "hello")))"));
  const auto module = wasm::Module::compile(*engine, after);
  ASSERT_TRUE(module) << module.error().message();
  EXPECT_EQ(module->imports().at(0).module, mutation.names().core_name("env"));
  EXPECT_EQ(module->imports().at(0).name, mutation.names().core_name("f"));
  EXPECT_EQ(module->exports().at(3).name, mutation.names().core_name("run"));
}

TEST(Mutation, leaves_malformed_binaries_malformed) {
  auto bytes = wasm::testing::wat(all_kinds);
  bytes.resize(bytes.size() - 3);
  Mutation mutation(1);
  EXPECT_NE(valid(mutation.binary(bytes)), "");
  for (std::size_t size = 0; size < 9; ++size) {
    std::vector<std::byte> start(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(valid(mutation.binary(start)).empty(), valid(start).empty()) << size;
  }
}

}  // namespace
}  // namespace weft::wast
