#include "component/bypass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/plan_bytes.h"
#include "component/test_guest.h"

namespace weft::component {
namespace {

using test::Guest;
using ::testing::HasSubstr;

// What wit-component makes of a module that passes strings out, with an adapter: a function that needs the module's
// memory and one of the adapter's are called through a shim until a fix-up has filled its table.
const std::string usual = R"((component
  (component $Service
    (core module $M
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "length") (param i32 i32) (result i32) (local.get 1)))
    (core instance $m (instantiate $M))
    (func (export "length") (param "text" string) (result u32) (canon lift (core func $m "length")
      (memory (core memory $m "memory")) (realloc (core func $m "realloc")))))
  (instance $service (instantiate $Service))
  (core module $Shim
    (type $length (func (param i32 i32) (result i32)))
    (type $twice (func (param i64) (result i64)))
    (type $twice2 (func (param i64) (result i64)))
    (table (export "$imports") 2 2 funcref)
    (func (export "0") (type $length) local.get 0 local.get 1 i32.const 0 call_indirect (type $length))
    (func (export "1") (type $twice) local.get 0 i32.const 1 call_indirect (type $twice2))
    (; shim ;))
  (core module $Main
    (import "" "length" (func $length (param i32 i32) (result i32)))
    (import "" "twice" (func $twice (param i64) (result i64)))
    (memory (export "memory") 1)
    (tag $e)
    (data (i32.const 8) "hello")
    (func (export "nothing"))
    (func (export "early") (result i32) (i32.const 0))
    (; main ;)
    (func (export "run") (result i32)
      (i32.add (call $length (i32.const 8) (i32.const 5)) (i32.wrap_i64 (call $twice (i64.const 20))))))
  (core module $Adapter
    (import "" "memory" (memory 1))
    (global $calls (mut i64) (i64.const 0))
    (; adapter ;)
    (func (export "twice") (param i64) (result i64)
      (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
      (i64.add (i64.mul (local.get 0) (i64.const 2)) (global.get $calls))))
  (core module $Fixup
    (import "" "0" (func $0 (param i32 i32) (result i32)))
    (import "" "1" (func $1 (param i64) (result i64)))
    (import "" "$imports" (table 2 funcref))
    (elem (i32.const 0) func $0 $1)
    (; fixup ;))
  (core instance $shim (instantiate $Shim))
  (core instance $main (instantiate $Main (with "" (instance
    (export "length" (func $shim "0")) (export "twice" (func $shim "1"))))))
  (core instance $adapter (instantiate $Adapter (with "" (instance (export "memory" (memory $main "memory"))))))
  (core func $length (canon lower (func $service "length") (memory (core memory $main "memory"))))
  (core instance $fixup (instantiate $Fixup (with "" (instance
    (export "0" (func $length)) (export "1" (func $adapter "twice"))
    (export "$imports" (table $shim "$imports"))))))
  (; instances ;)
  (func (export "run") (result u32) (canon lift (core func $main "run")))))";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// What a guest shows of itself: a failure at its start, or two calls of "run".
std::string run(std::unique_ptr<const LinkPlan> plan) {
  Guest guest(test::link(std::move(plan)).value());
  if (!guest.start_failure().empty()) return "start: " + guest.start_failure();
  const std::string first = guest.call("run");
  return first.starts_with("trap") ? first : first + ", " + guest.call("run");
}

// The result of a component, which is the same with and without what the bypass leaves out, and from kept plans.
struct Outcome {
  std::string result;
  std::uint32_t left_out = 0;  // core instances
  std::uint32_t deferred = 0;
  std::uint32_t forwards = 0;
  std::size_t modules = 0;
};

Outcome outcome_of(const std::string& text) {
  auto plain = test::plan_of(text, Bypass::never).value();
  auto made = test::plan_of(text).value();
  EXPECT_TRUE(check_plan(*made)) << check_plan(*made).error().message();
  auto plan = deserialize_plan(serialize(*made).value(), made->bytes).value();
  Outcome outcome;
  outcome.left_out = plain->core_instances - plan->core_instances;
  outcome.modules = plan->modules.size();
  for (const Step& step : plan->steps) {
    const auto* instantiate = std::get_if<InstantiateCore>(&step);
    if (instantiate != nullptr && instantiate->deferred) ++outcome.deferred;
  }
  for (const Trampoline& t : plan->trampolines)
    outcome.forwards += std::holds_alternative<ForwardTrampoline>(t) ? 1 : 0;
  outcome.result = run(std::move(plan));
  EXPECT_EQ(outcome.result, run(std::move(plain)));
  return outcome;
}

TEST(Bypass, leaves_out_a_shim_and_its_fixup_and_puts_the_adapter_off) {
  const Outcome outcome = outcome_of(usual);
  EXPECT_EQ(outcome.result, "46, 47");
  EXPECT_EQ(outcome.left_out, 2u);
  EXPECT_EQ(outcome.deferred, 1u);
  // What needs only memory is bound directly.
  EXPECT_EQ(outcome.forwards, 1u);
  EXPECT_EQ(outcome.modules, 3u);
}

TEST(Bypass, goes_by_the_code_and_not_by_names) {
  std::string text = usual;
  text = with(text, R"((func (export "0") (type $length))", R"((func (export "1") (type $length))");
  text = with(text, R"((func (export "1") (type $twice))", R"((func (export "0") (type $twice))");
  text = with(text, R"((func $shim "0")) (export "twice" (func $shim "1"))",
              R"((func $shim "1")) (export "twice" (func $shim "0"))");
  text = with(text, "i32.const 0 call_indirect (type $length)", "i32.const 1 call_indirect (type $length)");
  text = with(text, "i32.const 1 call_indirect (type $twice2)", "i32.const 0 call_indirect (type $twice2)");
  text = with(text, "func $0 $1", "func $1 $0");
  text = with(text, R"((export "$imports") 2 2)", R"((export "") 2 2)");
  text = with(text, R"((table $shim "$imports"))", R"((table $shim ""))");
  const Outcome outcome = outcome_of(text);
  EXPECT_EQ(outcome.result, "46, 47");
  EXPECT_EQ(outcome.left_out, 2u);
}

TEST(Bypass, traps_calls_before_the_place_of_the_fixup) {
  for (const char* call : {"(drop (call $length (i32.const 8) (i32.const 5)))", "(drop (call $twice (i64.const 1)))"}) {
    const Outcome outcome =
        outcome_of(with(usual, "(; main ;)", std::string("(start $start) (func $start ") + call + ")"));
    EXPECT_EQ(outcome.result, "start: wasm trap: uninitialized element");
    EXPECT_EQ(outcome.left_out, 2u);
    EXPECT_EQ(outcome.forwards, 2u);
  }
}

TEST(Bypass, serves_a_module_whose_start_function_calls_nothing) {
  const Outcome outcome = outcome_of(with(usual, "(; main ;)", "(start $start) (func $start)"));
  EXPECT_EQ(outcome.result, "46, 47");
  EXPECT_EQ(outcome.left_out, 2u);
}

TEST(Bypass, makes_an_adapter_that_is_called_by_start_functions_after_the_fixup) {
  const Outcome outcome = outcome_of(with(usual, "(; instances ;)", R"(
    (core module $Last (import "" "f" (func $f (param i64) (result i64)))
      (start $start) (func $start (drop (call $f (i64.const 1)))))
    (core instance (instantiate $Last (with "" (instance (export "f" (func $shim "1"))))))
  )"));
  EXPECT_EQ(outcome.result, "47, 48");
  EXPECT_EQ(outcome.left_out, 2u);
  // It is imported by then: not only called.
  EXPECT_EQ(outcome.deferred, 0u);
}

TEST(Bypass, passes_exceptions_of_the_adapter_on) {
  const std::string text =
      with(with(with(usual, "(; adapter ;)", R"((import "" "e" (tag $e)) )"), "(tag $e)", R"((tag $e (export "e")))"),
           R"((export "memory" (memory $main "memory"))))))",
           R"((export "memory" (memory $main "memory")) (export "e" (tag $main "e"))))))");
  // An import stands before what is defined.
  std::string moved = with(text, R"((import "" "e" (tag $e)) )", "(; adapter ;)");
  moved =
      with(moved, R"((import "" "memory" (memory 1)))", R"((import "" "memory" (memory 1)) (import "" "e" (tag $e)))");
  moved = with(moved, "(i64.add (i64.mul", "(throw $e) (i64.add (i64.mul");
  moved = with(moved, "(i32.wrap_i64 (call $twice (i64.const 20)))", R"(
    (block $caught (drop (i32.wrap_i64 (block (result i64) (try_table (result i64) (catch $e $caught)
      (call $twice (i64.const 20)))))))
    (i32.const 9))");
  const Outcome outcome = outcome_of(moved);
  EXPECT_EQ(outcome.result, "14, 14");
  EXPECT_EQ(outcome.left_out, 2u);
}

TEST(Bypass, passes_traps_of_the_adapter_on) {
  const Outcome outcome = outcome_of(with(usual, "(i64.add (i64.mul", "(unreachable) (i64.add (i64.mul"));
  EXPECT_EQ(outcome.result, "trap: wasm trap: wasm `unreachable` instruction executed");
  EXPECT_EQ(outcome.left_out, 2u);
}

TEST(Bypass, calls_an_initialiser_without_the_module_that_starts_it) {
  const std::string text = with(
      with(usual, R"((func (export "nothing")))", R"((func (export "nothing") (drop (call $twice (i64.const 1)))))"),
      "(; instances ;)", R"(
    (core module $Start (import "" "" (func)) (start 0))
    (core instance (instantiate $Start (with "" (instance (export "" (func $main "nothing"))))))
  )");
  const Outcome outcome = outcome_of(text);
  EXPECT_EQ(outcome.result, "47, 48");
  EXPECT_EQ(outcome.left_out, 3u);
  EXPECT_EQ(outcome.deferred, 1u);
}

TEST(Bypass, serves_a_function_of_the_shim_that_is_lifted) {
  for (const bool before : {true, false}) {
    const std::string lift =
        R"((func (export "direct") (param "a" s64) (result s64) (canon lift (core func $shim "1"))) )";
    const Outcome outcome = outcome_of(before ? with(usual, "(core instance $adapter", lift + "(core instance $adapter")
                                              : with(usual, "(; instances ;)", lift));
    EXPECT_EQ(outcome.result, "46, 47");
    EXPECT_EQ(outcome.left_out, 2u);
  }
}

TEST(Bypass, keeps_an_adapter_in_its_place_that_does_more_than_wait_for_calls) {
  for (const char* more :
       {"(start $start) (func $start (global.set $calls (i64.const 5)))", "(data (i32.const 8) \"jello\")",
        "(memory 1)", "(table 1 funcref)", "(global i32 (i32.add (i32.const 1) (i32.const 2)))"}) {
    const Outcome outcome = outcome_of(with(usual, "(; adapter ;)", more));
    EXPECT_EQ(outcome.left_out, 2u) << more;
    EXPECT_EQ(outcome.deferred, 0u) << more;
  }
}

struct NearMiss {
  const char* what;
  const char* from;
  const char* to;
};

class BypassNearMiss : public ::testing::TestWithParam<NearMiss> {};

TEST_P(BypassNearMiss, changes_nothing) {
  const Outcome outcome = outcome_of(with(usual, GetParam().from, GetParam().to));
  EXPECT_EQ(outcome.left_out, 0u) << GetParam().what;
  EXPECT_EQ(outcome.forwards, 0u) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Of, BypassNearMiss,
    ::testing::Values(
        NearMiss{"a shim that changes an argument", "local.get 0 i32.const 1 call", "i64.const 3 i32.const 1 call"},
        NearMiss{"a shim that swaps arguments", "local.get 0 local.get 1", "local.get 1 local.get 0"},
        NearMiss{"a shim that does something besides", "local.get 0 local.get 1", "nop local.get 0 local.get 1"},
        NearMiss{"a shim with locals", "(type $length) local.get 0", "(type $length) (local i32) local.get 0"},
        NearMiss{"a shim that changes the result", "call_indirect (type $twice2)",
                 "call_indirect (type $twice2) i64.const 1 i64.add"},
        NearMiss{"a shim with a function of another kind", "(; shim ;)", "(func (export \"x\") (unreachable))"},
        NearMiss{"a shim with a memory", "(; shim ;)", "(memory 1)"},
        NearMiss{"a shim with a global", "(; shim ;)", "(global (mut i32) (i32.const 0))"},
        NearMiss{"a shim with a second table", "(; shim ;)", "(table 2 funcref)"},
        NearMiss{"a shim whose table is exported twice", "(; shim ;)", "(export \"again\" (table 0))"},
        NearMiss{"a shim with a start function", "(; shim ;)",
                 "(type $s (func)) (func $s (type $s) i32.const 0 drop) (start $s)"},
        NearMiss{"a shim whose table is filled already", "(; shim ;)", "(elem (i32.const 1) func 1)"},
        NearMiss{"a shim with a subtype", "(; shim ;)", "(type (sub (func (param i32))))"},
        NearMiss{"a table with room", "(export \"$imports\") 2 2", "(export \"$imports\") 3 3"},
        NearMiss{"a fix-up at another offset", "(elem (i32.const 0) func $0 $1)", "(elem (i32.const 1) func $1)"},
        NearMiss{"a fix-up of a part", "func $0 $1", "func $0"},
        NearMiss{"a fix-up in two segments", "func $0 $1)", "func $0) (elem (i32.const 1) func $1)"},
        NearMiss{"a fix-up with a start function", "(; fixup ;)", "(start $s) (func $s)"},
        NearMiss{"a fix-up that exports", "(; fixup ;)", "(export \"t\" (table 0))"},
        NearMiss{"a fix-up with functions of its own", "(; fixup ;)", "(func)"},
        NearMiss{"a fix-up that lets go of its segment", "(elem (i32.const 0) func $0 $1)", "(elem func $0 $1)"},
        NearMiss{"a second fix-up", "(; instances ;)", R"((core instance (instantiate $Fixup (with "" (instance
          (export "0" (func $length)) (export "1" (func $adapter "twice"))
          (export "$imports" (table $shim "$imports")))))))"},
        NearMiss{"a table that somebody else has", "(; instances ;)", R"(
          (core module $Other (import "" "t" (table 2 funcref)) (elem (i32.const 1) func $f)
            (func $f (param i64) (result i64) (i64.const 7)))
          (core instance (instantiate $Other (with "" (instance (export "t" (table $shim "$imports")))))))"},
        NearMiss{"a shim's own function as its element", R"((export "1" (func $adapter "twice")))",
                 R"((export "1" (func $shim "1")))"}));

TEST(Bypass, keeps_a_shim_whose_element_has_another_type) {
  std::string text = with(usual, R"((import "" "1" (func $1 (param i64) (result i64))))",
                          R"((import "" "1" (func $1 (param i32 i32) (result i32))))");
  text = with(text, R"((export "1" (func $adapter "twice")))", R"((export "1" (func $length)))");
  const Outcome outcome = outcome_of(text);
  EXPECT_EQ(outcome.result, "trap: wasm trap: indirect call type mismatch");
  EXPECT_EQ(outcome.left_out, 0u);
}

// The rule that `change` breaks in a plan where all that the bypass makes occurs.
std::string broken(const std::function<void(LinkPlan&)>& change) {
  const std::string text = with(usual, "(; instances ;)", R"(
    (core module $Start (import "" "" (func)) (start 0))
    (core instance (instantiate $Start (with "" (instance (export "" (func $main "nothing"))))))
  )");
  auto plan = test::plan_of(text).value();
  change(const_cast<LinkPlan&>(*plan));
  const auto checked = check_plan(*plan);
  return checked ? "" : checked.error().message();
}

template <class T, class List>
T& first(List& list) {
  for (auto& item : list) {
    if (auto* found = std::get_if<T>(&item)) return *found;
  }
  throw std::runtime_error("there is none");
}

TEST(Bypass, makes_plans_whose_rules_are_checked) {
  EXPECT_EQ(broken([](LinkPlan&) {}), "");
  EXPECT_NE(broken([](LinkPlan& p) { first<ForwardTrampoline>(p.trampolines).slot = p.func_slots; }), "");
  EXPECT_NE(broken([](LinkPlan& p) { first<CallStart>(p.steps).slot = p.func_slots; }), "");
  // A function is called before the memory is there that it needs.
  EXPECT_EQ(broken([](LinkPlan& p) {
              const auto call =
                  std::ranges::find_if(p.steps, [](const Step& s) { return std::holds_alternative<CallStart>(s); });
              const auto memory = std::ranges::find_if(p.steps, [&](const Step& s) {
                const auto* extract = std::get_if<ExtractMemory>(&s);
                return extract != nullptr && extract->slot == 1;
              });
              ASSERT_LT(memory, call);
              const ExtractMemory moved = std::get<ExtractMemory>(*memory);
              p.steps.erase(memory);
              p.steps.push_back(moved);
            }),
            "link plan: code may run that calls what is not there yet");
  // What is put off is only called.
  EXPECT_NE(broken([](LinkPlan& p) {
              for (Step& step : p.steps) {
                if (auto* instantiate = std::get_if<InstantiateCore>(&step)) instantiate->deferred = true;
              }
            }),
            "");
}

}  // namespace
}  // namespace weft::component
