// What one instance may have of the host at a time, and the trap that names it.
#include <gtest/gtest.h>

#include "component/test_guest.h"

namespace weft::component {
namespace {

using test::Guest;
using test::load;
using test::suspended_callee;

struct Made {
  std::string name;
  std::string definitions;  // with a core function $make
  std::string type;         // its parameters and result
  std::string call;
  unsigned most;  // times that it may be called
  std::string trap;
  bool waits = false;  // what it makes does, for ever

  friend void PrintTo(const Made& made, std::ostream* out) { *out << made.name; }
};

// `most` makes what there may be at a time, `more` makes one more.
std::string making(const Made& made) {
  return R"((component
    (core module $Memory (memory (export "m") 1)
      (table (export "t") 1 funcref) (func $start (param i32)) (elem (i32.const 0) func $start))
    (core instance $memory (instantiate $Memory))
    )" + made.definitions +
         R"(
    (core module $M
      (import "" "make" (func $make )" +
         made.type + R"())
      (func $times (param $n i32)
        (loop $again
          (drop )" +
         made.call +
         R"()
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      (func (export "most") (result i32) (call $times (i32.const )" +
         std::to_string(made.most) + R"()) (i32.const 1))
      (func (export "more") (result i32) (call $times (i32.const )" +
         std::to_string(made.most + 1) + R"()) (i32.const 1)))
    (core instance $m (instantiate $M (with "" (instance (export "make" (func $make))))))
    (func (export "most") (result u32) (canon lift (core func $m "most")))
    (func (export "more") (result u32) (canon lift (core func $m "more")))))";
}

class Budget : public ::testing::TestWithParam<Made> {
 protected:
  const std::string there_is_room = GetParam().waits ? "trap: stuck" : "1";
};

TEST_P(Budget, EndsWithATrapThatNamesIt) {
  const auto component = load(making(GetParam())).value();
  EXPECT_EQ(Guest(component).call("most"), there_is_room);
  EXPECT_EQ(Guest(component).call("more"), "trap: " + GetParam().trap);
}

TEST_P(Budget, IsWholeForTheNextInstanceOfTheSameCoreState) {
  const auto component = load(making(GetParam())).value();
  InstanceSource source;
  for (int i = 0; i < 2; ++i) {
    Guest guest(component, host::no_grants(), &source);
    EXPECT_EQ(guest.call("most"), there_is_room) << i;
    source.take_back(guest.give_up());
  }
  // A store in which frames were dropped is not used again.
  EXPECT_EQ(source.take_counts().restored, GetParam().waits ? 0u : 1u);
}

constexpr const char* handles = "more than 10000 handles are in use";

INSTANTIATE_TEST_SUITE_P(
    Of, Budget,
    ::testing::Values(Made{"resources", "(type $r (resource (rep i32))) (core func $make (canon resource.new $r))",
                           "(param i32) (result i32)", "(call $make (i32.const 7))", 10'000, handles},
                      Made{"streams", "(type $s (stream u8)) (core func $make (canon stream.new $s))", "(result i64)",
                           "(call $make)", 5000, handles},
                      Made{"futures", "(type $f (future u8)) (core func $make (canon future.new $f))", "(result i64)",
                           "(call $make)", 5000, handles},
                      Made{"waitable_sets", "(core func $make (canon waitable-set.new))", "(result i32)",
                           "(call $make)", 10'000, handles},
                      Made{"error_contexts",
                           R"((core func $make (canon error-context.new (memory (core memory $memory "m")))))",
                           "(param i32 i32) (result i32)", "(call $make (i32.const 0) (i32.const 0))", 10'000, handles},
                      Made{"debug_messages",
                           R"((core func $make (canon error-context.new (memory (core memory $memory "m")))))",
                           "(param i32 i32) (result i32)", "(call $make (i32.const 0) (i32.const 1024))", 1024,
                           "error contexts have debug messages of more than 1 MiB together"},
                      Made{"tasks", suspended_callee + R"(
             (core func $make (canon lower (func $callee "f") async)))",
                           "(result i32)", "(call $make)", 1000, "more than 1000 tasks at a time", true},
                      Made{"threads", R"(
             (core type $start (func (param i32)))
             (alias core export $memory "t" (core table $t))
             (core func $make (canon thread.new-indirect $start (core table $t))))",
                           "(param i32 i32) (result i32)", "(call $make (i32.const 0) (i32.const 0))", 4096,
                           "more than 4096 threads at a time", true}),
    [](const auto& instance) { return instance.param.name; });

// `run` lends one handle once for each element of a list, to `callee`: $owner is whose resource it is, $other is not.
std::string lending(std::string_view callee, unsigned elements) {
  return R"((component
    (component $Owner
      (type $r (resource (rep i32)))
      (export $e "r" (type $r))
      (core module $M
        (memory (export "m") 32)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
        (func (export "take") (param i32 i32)))
      (core instance $m (instantiate $M))
      (core func $new (canon resource.new $r))
      (func (export "make") (param "rep" u32) (result (own $e)) (canon lift (core func $new)))
      (func (export "take") (param "all" (list (borrow $e))) (canon lift (core func $m "take")
        (memory (core memory $m "m")) (realloc (core func $m "realloc")))))
    (instance $owner (instantiate $Owner))
    (alias export $owner "r" (type $r))
    (component $Other
      (import "r" (type $r (sub resource)))
      (core module $M
        (memory (export "m") 32)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
        (func (export "take") (param i32 i32)))
      (core instance $m (instantiate $M))
      (func (export "take") (param "all" (list (borrow $r))) (canon lift (core func $m "take")
        (memory (core memory $m "m")) (realloc (core func $m "realloc")))))
    (instance $other (instantiate $Other (with "r" (type $r))))
    (core module $Memory (memory (export "m") 32))
    (core instance $memory (instantiate $Memory))
    (core func $make (canon lower (func $owner "make")))
    (core func $take (canon lower (func )" +
         std::string(callee) + R"( "take") (memory (core memory $memory "m"))))
    (core module $M
      (import "" "m" (memory 32))
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "take" (func $take (param i32 i32)))
      (func (export "run") (result i32) (local $i i32) (local $handle i32)
        (local.set $handle (call $make (i32.const 7)))
        (loop $again
          (i32.store (i32.mul (local.get $i) (i32.const 4)) (local.get $handle))
          (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const )" +
         std::to_string(elements) + R"())))
        (call $take (i32.const 0) (i32.const )" +
         std::to_string(elements) + R"())
        (i32.const 1)))
    (core instance $m (instantiate $M (with "" (instance
      (export "m" (memory $memory "m")) (export "make" (func $make)) (export "take" (func $take))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))))";
}

TEST(Lending, IsBoundedWhereABorrowIsAHandle) {
  EXPECT_EQ(Guest(lending("$other", 9000)).call("run"), "trap: borrow handles still remain at the end of the call");
  EXPECT_EQ(Guest(lending("$other", 10'000)).call("run"), std::string("trap: ") + handles);
}

TEST(Lending, IsBoundedWhereABorrowIsNoHandle) {
  Guest guest(lending("$owner", 100'000));
  EXPECT_EQ(guest.call("run"), "1");
  EXPECT_EQ(guest.call("run"), "1") << "all were given back";
  EXPECT_EQ(Guest(lending("$owner", 100'001)).call("run"), "trap: more than 100000 handles are lent");
}

}  // namespace
}  // namespace weft::component
