#include "component/instance_source.h"

#include <gtest/gtest.h>

#include "component/test_guest.h"

namespace weft::component {
namespace {

using test::Guest;
using test::load;

// A component with one core module whose functions `names`, which return an i32, are its exports.
std::string component_of(const std::string& module, std::initializer_list<std::string_view> names) {
  std::string text = "(component (core module $m " + module + ") (core instance $i (instantiate $m))";
  for (const std::string_view name : names) {
    const std::string n(name);
    text += " (func (export \"" + n + "\") (result s32) (canon lift (core func $i \"" + n + "\")))";
  }
  return text + ")";
}

// Spoils whatever a guest can: all of its memories, which grow, and all globals. `digest` is made of the same.
const std::string spoiler = R"(
    (memory $a 2) (memory $b 1)
    (data (memory $a) (i32.const 4090) "across a page") (data (memory $b) (i32.const 0) "the other")
    (global $i (mut i32) (i32.const 5)) (global $l (mut i64) (i64.const -6)) (global $f (mut f32) (f32.const 0.5))
    (global $d (mut f64) (f64.const -0.25)) (global $v (mut v128) (v128.const i64x2 3 4))
    (func $fill (param $seed i32) (local $at i32)
      (loop $next
        (i32.store $a (local.get $at) (local.tee $seed (i32.mul (i32.add (local.get $seed) (i32.const 77)) (i32.const 1664525))))
        (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4)))
                               (i32.mul (memory.size $a) (i32.const 65536))))))
    (func (export "spoil") (result i32)
      (drop (memory.grow $a (i32.const 3))) (drop (memory.grow $b (i32.const 1)))
      (call $fill (i32.const 99))
      (memory.fill $b (i32.const 0) (i32.const 9) (i32.mul (memory.size $b) (i32.const 65536)))
      (global.set $i (i32.const 1)) (global.set $l (i64.const 2)) (global.set $f (f32.const 3))
      (global.set $d (f64.const 4)) (global.set $v (v128.const i64x2 5 6))
      (memory.size $a))
    (func $sum (param $sum i32) (param $value i32) (result i32)
      (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $value)))
    (func (export "digest") (result i32) (local $sum i32) (local $at i32)
      (loop $next
        (local.set $sum (call $sum (local.get $sum) (i32.load $a (local.get $at))))
        (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4)))
                               (i32.mul (memory.size $a) (i32.const 65536)))))
      (local.set $at (i32.const 0))
      (loop $next
        (local.set $sum (call $sum (local.get $sum) (i32.load $b (local.get $at))))
        (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4)))
                               (i32.mul (memory.size $b) (i32.const 65536)))))
      (local.set $sum (call $sum (local.get $sum) (memory.size $a)))
      (local.set $sum (call $sum (local.get $sum) (memory.size $b)))
      (local.set $sum (call $sum (local.get $sum) (global.get $i)))
      (local.set $sum (call $sum (local.get $sum) (i32.wrap_i64 (global.get $l))))
      (local.set $sum (call $sum (local.get $sum) (i32.reinterpret_f32 (global.get $f))))
      (local.set $sum (call $sum (local.get $sum) (i32.wrap_i64 (i64.reinterpret_f64 (global.get $d)))))
      (call $sum (local.get $sum) (i32x4.extract_lane 2 (global.get $v)))))";

TEST(InstanceSource, AnInstanceThatHasEndedIsUsedAgainAndTheNextOneCannotTell) {
  const auto component = load(component_of(spoiler, {"spoil", "digest"})).value();
  Guest fresh(component);
  const std::string expected = fresh.call("digest");
  InstanceSource source;
  const wasm::Store* store = nullptr;
  for (int i = 0; i < 5; ++i) {
    Guest guest(component, host::no_grants(), &source);
    if (store != nullptr) EXPECT_EQ(&guest.instance().store(), store);
    store = &guest.instance().store();
    EXPECT_EQ(guest.instance().store().memory_use().peak, 3u << 16);
    EXPECT_EQ(guest.call("digest"), expected) << i;
    EXPECT_EQ(guest.call("spoil"), "5");
    EXPECT_NE(guest.call("digest"), expected);
    EXPECT_EQ(guest.instance().store().memory_use().peak, 7u << 16);
    source.take_back(guest.give_up());
    EXPECT_EQ(source.kept(), 1u);
  }
}

TEST(InstanceSource, SeveralAtOnceHaveEachTheirOwn) {
  const auto component = load(component_of(spoiler, {"spoil", "digest"})).value();
  InstanceSource source;
  for (int i = 0; i < 3; ++i) {
    Guest first(component, host::no_grants(), &source), second(component, host::no_grants(), &source);
    EXPECT_NE(&first.instance().store(), &second.instance().store());
    const std::string expected = second.call("digest");
    EXPECT_EQ(first.call("spoil"), "5");
    EXPECT_EQ(second.call("digest"), expected);
    source.take_back(first.give_up());
    source.take_back(second.give_up());
    EXPECT_EQ(source.kept(), 2u);
  }
}

TEST(InstanceSource, WhatStartFunctionsDidIsDoneAgain) {
  const auto component = load(component_of(R"(
      (memory 1) (global $g (mut i32) (i32.const 1))
      (func $start
        (drop (memory.grow (i32.const 1)))
        (i32.store (i32.const 70000) (i32.const 40)) (global.set $g (i32.const 2)))
      (start $start)
      (func (export "next") (result i32)
        (i32.store (i32.const 70000) (i32.add (i32.load (i32.const 70000)) (i32.const 100)))
        (global.set $g (i32.add (global.get $g) (i32.const 1000)))
        (drop (memory.grow (i32.const 1)))
        (i32.add (memory.size) (i32.add (global.get $g) (i32.load (i32.const 70000))))))",
                                           {"next"}))
                             .value();
  InstanceSource source;
  for (int i = 0; i < 4; ++i) {
    Guest guest(component, host::no_grants(), &source);
    EXPECT_EQ(guest.call("next"), "1145") << i;
    source.take_back(guest.give_up());
    EXPECT_EQ(source.kept(), 1u);
  }
}

TEST(InstanceSource, WhatCannotBePutBackIsMadeAnew) {
  const std::initializer_list<std::string_view> changes = {
      "(table.set $t (i32.const 0) (ref.func $f))",
      "(drop (table.grow $t (ref.null func) (i32.const 1)))",
      "(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))",
      "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))",
      "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))",
      "(elem.drop $e)",
      "(data.drop $d)",
      "(global.set $r (ref.func $f))",
  };
  for (const std::string_view change : changes) {
    const std::string global = change.contains("$r") ? "(global $r (mut funcref) (ref.null func))" : "";
    const auto component =
        load(component_of("(table $t 4 funcref) (memory 1) (data $d \"x\") (elem $e func $f)" + global +
                              "(func $f) (func (export \"change\") (result i32) (if (i32.const 0) (then " +
                              std::string(change) + ")) (i32.const 1))",
                          {"change"}))
            .value();
    InstanceSource source;
    Guest guest(component, host::no_grants(), &source);
    EXPECT_EQ(guest.call("change"), "1");
    source.take_back(guest.give_up());
    EXPECT_EQ(source.kept(), 0u) << change;
  }
}

TEST(InstanceSource, WhoAsksForSomethingWhileItStartsIsMadeAnew) {
  const auto component = load(R"((component
      (component $c (core module $m (func (export "f") (result i32) (i32.const 7))) (core instance $i (instantiate $m))
        (func (export "f") (result s32) (canon lift (core func $i "f"))))
      (instance $c (instantiate $c))
      (core func $f (canon lower (func $c "f")))
      (core module $m (import "" "f" (func $f (result i32))) (global $g (mut i32) (i32.const 0))
        (func $start (global.set $g (call $f))) (start $start)
        (func (export "get") (result i32) (global.get $g)))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
      (func (export "get") (result s32) (canon lift (core func $i "get")))))")
                             .value();
  InstanceSource source;
  Guest guest(component, host::no_grants(), &source);
  EXPECT_EQ(guest.call("get"), "7");
  source.take_back(guest.give_up());
  EXPECT_EQ(source.kept(), 0u);
}

TEST(InstanceSource, ThoseThatNobodyAsksForGo) {
  const auto component = load(component_of(spoiler, {"spoil"})).value();
  InstanceSource source;
  {
    Guest guest(component, host::no_grants(), &source);
    source.take_back(guest.give_up());
  }
  source.sweep();
  EXPECT_EQ(source.kept(), 1u);
  {
    Guest guest(component, host::no_grants(), &source);
    EXPECT_EQ(source.kept(), 0u);
    source.take_back(guest.give_up());
  }
  source.sweep();
  EXPECT_EQ(source.kept(), 1u) << "it was used since";
  source.sweep();
  EXPECT_EQ(source.kept(), 0u);
}

TEST(InstanceSource, ALimitedNumberIsKept) {
  const auto component = load(component_of("(func (export \"f\") (result i32) (i32.const 1))", {"f"})).value();
  InstanceSource source;
  std::vector<std::unique_ptr<Guest>> guests;
  for (std::size_t i = 0; i < max_kept_states + 3; ++i)
    guests.push_back(std::make_unique<Guest>(component, host::no_grants(), &source));
  for (const auto& guest : guests) source.take_back(guest->give_up());
  EXPECT_EQ(source.kept(), max_kept_states);
}

}  // namespace
}  // namespace weft::component
