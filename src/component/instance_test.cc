#include "component/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/test_guest.h"

namespace weft::component {
namespace {

using test::Guest;
using test::load;
using ::testing::HasSubstr;

// A function "f" of $type, lifted asynchronously; `body` may call $return, which takes an i32.
std::string async_component(const std::string& body, const std::string& more_exports = "") {
  return R"((component
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "return" (func $return (param i32)))
      (func (export "f") )" +
         body + R"()
      (func (export "sync") (result i32) (call $return (i32.const 7)) (i32.const 1)))
    (core instance $m (instantiate $M (with "" (instance (export "return" (func $return))))))
    (func (export "f") async (result u32) (canon lift (core func $m "f") async))
    (func (export "sync") (result u32) (canon lift (core func $m "sync")))
    )" + more_exports +
         ")";
}

TEST(AsyncFunction, gives_the_host_what_it_returns) {
  Guest guest(async_component("(call $return (i32.const 42))"));
  EXPECT_EQ(guest.call("f"), "42");
  EXPECT_EQ(guest.call("f"), "42");
}

TEST(AsyncFunction, traps_if_it_returns_twice) {
  Guest guest(async_component("(call $return (i32.const 1)) (call $return (i32.const 2))"));
  EXPECT_THAT(guest.call("f"), HasSubstr("trap: task has already returned"));
  EXPECT_EQ(guest.call("f"), "trap: cannot enter component instance");
}

TEST(AsyncFunction, traps_if_it_ends_without_returning) {
  Guest guest(async_component("nop"));
  EXPECT_EQ(guest.call("f"), "trap: async-lifted export failed to produce a result");
}

TEST(TaskReturn, is_for_asynchronous_functions) {
  Guest guest(async_component("nop"));
  EXPECT_EQ(guest.call("sync"), "trap: invalid `task.return` signature and/or options for current task");
}

TEST(TaskReturn, must_have_the_type_of_the_function_and_its_options) {
  for (const char* canon :
       {"(canon task.return (result s32))", "(canon task.return (result u32) string-encoding=utf16)"}) {
    std::string text = async_component("(call $return (i32.const 1))");
    const std::string usual = "(canon task.return (result u32))";
    text.replace(text.find(usual), usual.size(), canon);
    Guest guest(text);
    EXPECT_THAT(guest.call("f"), HasSubstr("invalid `task.return` signature"));
  }
}

TEST(AsyncCall, that_need_not_wait_has_returned_at_once) {
  Guest guest(R"((component
    (component $Callee
      (core func $return (canon task.return (result u32)))
      (core module $M
        (import "" "return" (func $return (param i32)))
        (func (export "f") (param i32 i32 i32 i32 i32)
          (call $return (i32.add (local.get 0) (local.get 4)))))
      (core instance $m (instantiate $M (with "" (instance (export "return" (func $return))))))
      (func (export "f") async (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (param "e" u32)
        (result u32) (canon lift (core func $m "f") async)))
    (instance $callee (instantiate $Callee))
    (core module $Memory (memory (export "m") 1))
    (core instance $memory (instantiate $Memory))
    (core func $f (canon lower (func $callee "f") async (memory (core memory $memory "m"))))
    (core module $M
      (import "" "m" (memory 1))
      (import "" "f" (func $f (param i32 i32) (result i32)))
      (func (export "run") (result i32)
        (i32.store (i32.const 16) (i32.const 40))
        (i32.store (i32.const 32) (i32.const 2))
        (if (i32.ne (call $f (i32.const 16) (i32.const 64)) (i32.const 2 (; RETURNED ;))) (then unreachable))
        (i32.load (i32.const 64))))
    (core instance $m (instantiate $M
      (with "" (instance (export "m" (memory $memory "m")) (export "f" (func $f))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))))");
  EXPECT_EQ(guest.call("run"), "42");
}

// $P calls spin, which is alone in $C until a flag is set, then g, which would be too; then it sets the flag.
TEST(AsyncCall, of_who_would_be_alone_does_not_wait_for_one_that_yields_on_and_on) {
  constexpr std::uint32_t started = 1, starting = 0;
  Guest guest(R"((component
  (component $C
    (core func $yield (canon thread.yield))
    (core module $M
      (import "" "yield" (func $yield (result i32)))
      (global $flag (mut i32) (i32.const 0))
      (func (export "spin")
        (loop $on (drop (call $yield)) (br_if $on (i32.eqz (global.get $flag)))))
      (func (export "g"))
      (func (export "set") (global.set $flag (i32.const 1))))
    (core instance $m (instantiate $M (with "" (instance (export "yield" (func $yield))))))
    (func (export "spin") async (canon lift (core func $m "spin")))
    (func (export "g") async (canon lift (core func $m "g")))
    (func (export "set") (canon lift (core func $m "set"))))
  (instance $c (instantiate $C))
  (core func $spin (canon lower (func $c "spin") async))
  (core func $g (canon lower (func $c "g") async))
  (core func $set (canon lower (func $c "set")))
  (core func $return (canon task.return (result u32)))
  (core module $P
    (import "" "spin" (func $spin (result i32)))
    (import "" "g" (func $g (result i32)))
    (import "" "set" (func $set))
    (import "" "return" (func $return (param i32)))
    (func (export "run") (result i32) (local $a i32) (local $b i32)
      (local.set $a (call $spin))
      (local.set $b (call $g))
      (call $set)
      (call $return (i32.or (i32.shl (i32.and (local.get $a) (i32.const 15)) (i32.const 4)) (i32.and (local.get $b) (i32.const 15))))
      (i32.const 0))
    (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
  (core instance $p (instantiate $P (with "" (instance (export "spin" (func $spin)) (export "g" (func $g)) (export "set" (func $set)) (export "return" (func $return))))))
  (func (export "run") async (result u32) (canon lift (core func $p "run") async (callback (core func $p "cb")))))
;; spin STARTED (1), g STARTING (0))");
  EXPECT_EQ(guest.call("run"), std::to_string(started << 4 | starting));
}

TEST(ContextSlots, are_fresh_for_each_task_and_kept_for_post_return) {
  Guest guest(R"((component
    (core func $get (canon context.get i32 1))
    (core func $set (canon context.set i32 1))
    (core module $M
      (import "" "get" (func $get (result i32)))
      (import "" "set" (func $set (param i32)))
      (global $seen (mut i32) (i32.const 0))
      (func (export "f") (result i32)
        (local $before i32)
        (local.set $before (call $get))
        (call $set (i32.const 5))
        (i32.add (local.get $before) (global.get $seen)))
      (func (export "post") (param i32) (global.set $seen (call $get))))
    (core instance $m (instantiate $M (with "" (instance (export "get" (func $get)) (export "set" (func $set))))))
    (func (export "f") (result u32) (canon lift (core func $m "f") (post-return (core func $m "post"))))))");
  EXPECT_EQ(guest.call("f"), "0");
  EXPECT_EQ(guest.call("f"), "5");
}

TEST(ContextSlots, of_realloc_are_its_own) {
  Guest guest(R"((component
    (component $Callee
      (core func $get (canon context.get i32 0))
      (core func $set (canon context.set i32 0))
      (core module $M
        (import "" "get" (func $get (result i32)))
        (import "" "set" (func $set (param i32)))
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (if (call $get) (then unreachable))
          (call $set (i32.const 9))
          (i32.const 64))
        (func (export "f") (param i32 i32) (result i32) (call $get)))
      (core instance $m (instantiate $M (with "" (instance (export "get" (func $get)) (export "set" (func $set))))))
      (func (export "f") (param "text" string) (result u32) (canon lift (core func $m "f")
        (memory (core memory $m "memory")) (realloc (core func $m "realloc")))))
    (instance $callee (instantiate $Callee))
    (core module $Memory (memory (export "memory") 1) (data (i32.const 16) "hello"))
    (core instance $memory (instantiate $Memory))
    (core func $f (canon lower (func $callee "f") (memory (core memory $memory "memory"))))
    (core func $set (canon context.set i32 0))
    (core module $M
      (import "" "f" (func $f (param i32 i32) (result i32)))
      (import "" "set" (func $set (param i32)))
      (func (export "run") (result i32) (call $set (i32.const 5)) (call $f (i32.const 16) (i32.const 5))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f)) (export "set" (func $set))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))))");
  EXPECT_EQ(guest.call("run"), "0");
}

TEST(ContextSlots, of_a_start_function_are_its_own) {
  Guest guest(R"((component
  (component $A
    (core func $set (canon context.set i32 0))
    (core module $M (import "" "set" (func $set (param i32))) (func $s (call $set (i32.const 4242))) (start $s))
    (core instance (instantiate $M (with "" (instance (export "set" (func $set)))))))
  (component $B
    (core func $get (canon context.get i32 0))
    (core module $M (import "" "get" (func $get (result i32))) (global $g (mut i32) (i32.const 0))
      (func $s (global.set $g (call $get))) (start $s) (func (export "seen") (result i32) (global.get $g)))
    (core instance $m (instantiate $M (with "" (instance (export "get" (func $get))))))
    (func (export "seen") (result u32) (canon lift (core func $m "seen"))))
  (instance $a (instantiate $A))
  (instance $b (instantiate $B))
  (export "seen" (func $b "seen"))))");
  EXPECT_EQ(guest.call("seen"), "0") << "of another component's";
}

TEST(Exception, that_a_guest_does_not_catch_is_a_trap_of_its_caller_too) {
  Guest guest(R"((component
    (component $Callee
      (core module $M (tag $e) (func (export "f") (throw $e)))
      (core instance $m (instantiate $M))
      (func (export "f") (canon lift (core func $m "f"))))
    (instance $callee (instantiate $Callee))
    (core func $f (canon lower (func $callee "f")))
    (core module $M
      (import "" "f" (func $f))
      (func (export "run") (result i32)
        (block $caught (try_table (catch_all $caught) (call $f)))
        (i32.const 1)))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))))");
  EXPECT_EQ(guest.call("run"), "trap: uncaught exception propagated out of component");
}

TEST(StartFunction, may_call_another_component) {
  Guest guest(R"((component
    (component $Service
      (core module $M
        (global $n (mut i32) (i32.const 0))
        (func (export "next") (result i32)
          (global.set $n (i32.add (global.get $n) (i32.const 1)))
          (global.get $n)))
      (core instance $m (instantiate $M))
      (func (export "next") (result u32) (canon lift (core func $m "next"))))
    (instance $service (instantiate $Service))
    (core func $next (canon lower (func $service "next")))
    (core module $M
      (import "" "next" (func $next (result i32)))
      (global $rank (mut i32) (i32.const 0))
      (start $start)
      (func $start (drop (call $next)) (global.set $rank (call $next)))
      (func (export "rank") (result i32) (global.get $rank)))
    (core instance $m (instantiate $M (with "" (instance (export "next" (func $next))))))
    (func (export "rank") (result u32) (canon lift (core func $m "rank")))))");
  EXPECT_EQ(guest.call("rank"), "2");
}

TEST(StartFunction, leaves_its_threads_to_its_own_component) {
  Guest guest(R"((component
  (component $C
    (core module $T (table (export "t") 1 funcref))
    (core instance $t (instantiate $T))
    (core type $start (func (param i32)))
    (alias core export $t "t" (core table $table))
    (core func $new (canon thread.new-indirect $start (core table $table)))
    (core func $later (canon thread.resume-later))
    (core func $index (canon thread.index))
    (core module $M
      (import "" "new" (func $new (param i32 i32) (result i32)))
      (import "" "later" (func $later (param i32)))
      (import "" "index" (func $index (result i32)))
      (import "" "t" (table 1 funcref))
      (global $ran (mut i32) (i32.const 0))
      (func $thread (param i32) (global.set $ran (local.get 0)))
      (elem (i32.const 0) func $thread)
      (func $start (call $later (call $new (i32.const 0) (i32.const 5))))
      (start $start)
      (func (export "ran") (result i32) (global.get $ran)))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new)) (export "later" (func $later)) (export "index" (func $index)) (export "t" (table $table))))))
    (func (export "ran") (result u32) (canon lift (core func $m "ran"))))
  (instance $c (instantiate $C))
  (export "ran" (func $c "ran"))))");
  EXPECT_EQ(guest.call("ran"), "5");
}

TEST(Thread, of_a_start_function_and_of_a_destructor_has_an_index) {
  Guest guest(R"((component
  (component $C
    (core func $index (canon thread.index))
    (core module $M
      (import "" "index" (func $index (result i32)))
      (global $started-in (mut i32) (i32.const 0))
      (global $dropped-in (mut i32) (i32.const 0))
      (func $start (global.set $started-in (call $index)))
      (start $start)
      (func (export "drop") (param i32) (global.set $dropped-in (call $index)))
      (func (export "started-in") (result i32) (global.get $started-in))
      (func (export "dropped-in") (result i32) (global.get $dropped-in)))
    (core instance $m (instantiate $M (with "" (instance (export "index" (func $index))))))
    (type $R' (resource (rep i32) (dtor (core func $m "drop"))))
    (export $R "r" (type $R'))
    (core func $new (canon resource.new $R'))
    (core module $N
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 7))))
    (core instance $n (instantiate $N (with "" (instance (export "new" (func $new))))))
    (func (export "make") (result (own $R)) (canon lift (core func $n "make")))
    (func (export "started-in") (result u32) (canon lift (core func $m "started-in")))
    (func (export "dropped-in") (result u32) (canon lift (core func $m "dropped-in"))))
  (instance $c (instantiate $C))
  (alias export $c "r" (type $R))
  (core func $make (canon lower (func $c "make")))
  (core func $drop (canon resource.drop $R))
  (core module $M
    (import "" "make" (func $make (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "make-and-drop") (call $drop (call $make))))
  (core instance $m (instantiate $M (with "" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
  (func (export "make-and-drop") (canon lift (core func $m "make-and-drop")))
  (export "started-in" (func $c "started-in"))
  (export "dropped-in" (func $c "dropped-in"))))");
  EXPECT_EQ(guest.call("started-in"), "1");
  EXPECT_EQ(guest.call("make-and-drop"), "");
  EXPECT_EQ(guest.call("dropped-in"), "1");
}

TEST(ImportThatIsNotThereYet, fails_by_name_when_it_is_called) {
  constexpr std::string_view text = R"((component
    (import "spin:redis/redis@3.0.0" (instance $r
      (export "connection" (type $c (sub resource)))
      (export "open" (func (result (own $c))))
      (export "ping" (func (param "c" (borrow $c)) (result u32)))))
    (core func $open (canon lower (func $r "open")))
    (core func $ping (canon lower (func $r "ping")))
    (core module $M
      (import "" "open" (func $open (result i32)))
      (import "" "ping" (func $ping (param i32) (result i32)))
      (func (export "call") (result i32) (call $ping (call $open)))
      (func (export "other") (result i32) (i32.const 5)))
    (core instance $m (instantiate $M (with "" (instance (export "open" (func $open)) (export "ping" (func $ping))))))
    (func (export "call") (result u32) (canon lift (core func $m "call")))
    (func (export "other") (result u32) (canon lift (core func $m "other")))))";
  EXPECT_THAT(load(text).error().message(), HasSubstr("needs spin:redis/redis@3.0.0"));
  Guest guest(text, NotYet::trap);
  EXPECT_EQ(guest.call("other"), "5");
  EXPECT_EQ(guest.call("call"),
            "trap: the component calls spin:redis/redis@3.0.0#open: it needs spin:redis/redis@3.0.0 (not yet)");
}

}  // namespace
}  // namespace weft::component
