// Faults that other implementations of the component model had: each guest here is one that met an assertion, or memory
// that was not its own, elsewhere. The comments have the advisories' numbers (GHSA).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/test_guest.h"

namespace weft::component {
namespace {

using test::Guest;
using test::load;
using test::suspended_callee;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// 32h6-97mm-8q3c: how many results a callback has was taken from the binary.
TEST(Callback, HasTheOneCoreTypeThereIs) {
  for (const auto* type : {"(param i32 i32 i32) (result i32 i32 i32)", "(param i32 i32 i32)", "(result i32)",
                           "(param i64 i32 i32) (result i32)"}) {
    const auto component = load(R"((component
      (core module $M
        (func (export "f") (result i32) unreachable)
        (func (export "callback") )" +
                                std::string(type) + R"( unreachable))
      (core instance $m (instantiate $M))
      (func (export "f") async (canon lift (core func $m "f") async (callback (core func $m "callback"))))))");
    ASSERT_FALSE(component) << type;
    EXPECT_THAT(component.error().message(), HasSubstr("callback")) << type;
  }
}

// A stream of bytes, and everything that can be done to its ends: each export does one thing that must not be done.
constexpr std::string_view ends = R"((component
  (type $bytes (stream u8)) (type $longs (stream u64)) (type $future (future u8))
  (core module $Memory (memory (export "m") 1))
  (core instance $memory (instantiate $Memory))
  (core func $new (canon stream.new $bytes))
  (core func $new-future (canon future.new $future))
  (core func $read (canon stream.read $bytes async (memory (core memory $memory "m"))))
  (core func $write (canon stream.write $bytes async (memory (core memory $memory "m"))))
  (core func $read-longs (canon stream.read $longs async (memory (core memory $memory "m"))))
  (core func $read-future (canon future.read $future async (memory (core memory $memory "m"))))
  (core func $cancel-read (canon stream.cancel-read $bytes))
  (core func $cancel-write (canon stream.cancel-write $bytes))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core module $M
    (import "" "new" (func $new (result i64)))
    (import "" "new-future" (func $new-future (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "read-longs" (func $read-longs (param i32 i32 i32) (result i32)))
    (import "" "read-future" (func $read-future (param i32 i32) (result i32)))
    (import "" "cancel-read" (func $cancel-read (param i32) (result i32)))
    (import "" "cancel-write" (func $cancel-write (param i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (global $readable (mut i32) (i32.const 0))
    (global $writable (mut i32) (i32.const 0))
    (func $make (local $both i64)
      (local.set $both (call $new))
      (global.set $readable (i32.wrap_i64 (local.get $both)))
      (global.set $writable (i32.wrap_i64 (i64.shr_u (local.get $both) (i64.const 32)))))
    (func (export "other type") (result i32)
      (call $make) (call $read-longs (global.get $readable) (i32.const 0) (i32.const 1)))
    (func (export "future as stream") (result i32)
      (call $read (i32.wrap_i64 (call $new-future)) (i32.const 0) (i32.const 1)))
    (func (export "stream as future") (result i32)
      (call $make) (call $read-future (global.get $readable) (i32.const 0)))
    (func (export "read at the writable end") (result i32)
      (call $make) (call $read (global.get $writable) (i32.const 0) (i32.const 1)))
    (func (export "cancel at the wrong end") (result i32)
      (call $make)
      (drop (call $read (global.get $readable) (i32.const 0) (i32.const 1)))
      (call $cancel-write (global.get $readable)))
    (func (export "cancel nothing") (result i32) (call $make) (call $cancel-read (global.get $readable)))
    (func (export "cancel what is done") (result i32)
      (call $make)
      (drop (call $read (global.get $readable) (i32.const 0) (i32.const 1)))
      (drop (call $cancel-read (global.get $readable)))
      (call $cancel-read (global.get $readable)))
    (func (export "drop while it reads") (result i32)
      (call $make)
      (drop (call $read (global.get $readable) (i32.const 0) (i32.const 1)))
      (call $drop-readable (global.get $readable))
      (i32.const 0))
    (func (export "drop at the wrong end") (result i32)
      (call $make) (call $drop-writable (global.get $readable)) (i32.const 0))
    (func (export "dropped") (result i32)
      (call $make)
      (call $drop-readable (global.get $readable))
      (call $read (global.get $readable) (i32.const 0) (i32.const 1)))
    (func (export "beyond memory") (result i32)
      (call $make) (call $write (global.get $writable) (i32.const 65535) (i32.const 2)))
    ;; Nothing, at no address there is.
    (func (export "nothing") (result i32)
      (call $make)
      (drop (call $write (global.get $writable) (i32.const -1) (i32.const 0)))
      (call $read (global.get $readable) (i32.const -1) (i32.const 0))))
  (core instance $m (instantiate $M (with "" (instance
    (export "new" (func $new)) (export "new-future" (func $new-future)) (export "read" (func $read))
    (export "write" (func $write)) (export "read-longs" (func $read-longs)) (export "read-future" (func $read-future))
    (export "cancel-read" (func $cancel-read)) (export "cancel-write" (func $cancel-write))
    (export "drop-readable" (func $drop-readable)) (export "drop-writable" (func $drop-writable))))))
  (func (export "f") (result u32) (canon lift (core func $m "NAME")))))";

std::string does(std::string_view name) {
  std::string text(ends);
  text.replace(text.find("NAME"), 4, name);
  return Guest(text).call("f");
}

// 9pvw, 63h4: the elements of a stream were taken for those of another type.
TEST(Ends, AreOfOneType) {
  EXPECT_THAT(does("other type"), HasSubstr("trap: handle index 1 is a stream or future of another type"));
  EXPECT_THAT(does("future as stream"), HasSubstr("expected readable stream end but found readable future end"));
  EXPECT_THAT(does("stream as future"), HasSubstr("expected readable future end but found readable stream end"));
}

// xrvr: a copy was cancelled, or an end dropped, as if it were the other one.
TEST(Ends, AreNotTakenForEachOther) {
  for (const auto* wrong : {"read at the writable end", "cancel at the wrong end", "drop at the wrong end"})
    EXPECT_THAT(does(wrong), AllOf(StartsWith("trap: handle index"), HasSubstr("used with the wrong type"))) << wrong;
}

TEST(Ends, AreUsedOnlyAsTheirStateAllows) {
  EXPECT_THAT(does("cancel nothing"), StartsWith("trap: no copy is in progress that could be cancelled"));
  EXPECT_THAT(does("cancel what is done"), StartsWith("trap: no copy is in progress that could be cancelled"));
  EXPECT_THAT(does("drop while it reads"), HasSubstr("busy stream"));
  EXPECT_THAT(does("dropped"), HasSubstr("trap: unknown handle index 1"));
}

// 93g3: a write of nothing went to an address that was not checked.
TEST(Ends, CopyNothingAtAnyAddressAndSomethingWithinMemory) {
  EXPECT_THAT(does("beyond memory"), HasSubstr("out of bounds of memory"));
  EXPECT_THAT(does("nothing"), ::testing::Not(HasSubstr("trap")));
}

// Calls of a function that is suspended for ever.
const std::string calls = "(component " + suspended_callee + R"(
  (core func $begin (canon lower (func $callee "f") async))
  (core func $call (canon lower (func $callee "f")))
  (core func $drop (canon subtask.drop))
  (core module $M
    (import "" "begin" (func $begin (result i32)))
    (import "" "call" (func $call))
    (import "" "drop" (func $drop (param i32)))
    (func (export "drop it") (call $drop (i32.shr_u (call $begin) (i32.const 4))))
    (func (export "wait for it") (call $call)))
  (core instance $m (instantiate $M (with "" (instance
    (export "begin" (func $begin)) (export "call" (func $call)) (export "drop" (func $drop))))))
  (func (export "drop-it") (canon lift (core func $m "drop it")))
  (func (export "wait-for-it") (canon lift (core func $m "wait for it")))))";

// xjhv: a call was forgotten while it was under way.
TEST(Subtask, CannotBeDroppedWhileItsCallIsUnderWay) {
  EXPECT_EQ(Guest(calls).call("drop-it"), "trap: cannot drop a subtask which has not yet resolved");
  // m6w2: a synchronous call of a function that is lifted asynchronously.
  EXPECT_THAT(Guest(calls).call("wait-for-it"), HasSubstr("cannot block a synchronous task before returning"));
}

// 5hhx: a start function that lets others run.
TEST(StartFunction, MayYieldAndMayNotWait) {
  const auto starts = [](std::string_view body) {
    std::string text = R"((component
      (core module $Memory (memory (export "m") 1))
      (core instance $memory (instantiate $Memory))
      (core func $yield (canon thread.yield))
      (core func $new (canon waitable-set.new))
      (core func $wait (canon waitable-set.wait (memory (core memory $memory "m"))))
      (core module $M
        (import "" "yield" (func $yield (result i32)))
        (import "" "new" (func $new (result i32)))
        (import "" "wait" (func $wait (param i32 i32) (result i32)))
        (global $n (mut i32) (i32.const 0))
        (start $start)
        (func $start (drop BODY) (global.set $n (i32.const 1)))
        (func (export "f") (result i32) (global.get $n)))
      (core instance $m (instantiate $M (with "" (instance
        (export "yield" (func $yield)) (export "new" (func $new)) (export "wait" (func $wait))))))
      (func (export "f") (result u32) (canon lift (core func $m "f")))))";
    return text.replace(text.find("BODY"), 4, body);
  };
  Guest yields(starts("(call $yield)"));
  EXPECT_EQ(yields.start_failure(), "");
  EXPECT_EQ(yields.call("f"), "1");
  EXPECT_THAT(Guest(starts("(call $wait (call $new) (i32.const 0))")).start_failure(), HasSubstr("cannot block"));
}

}  // namespace
}  // namespace weft::component
