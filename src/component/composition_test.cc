#include "component/composition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/plan_bytes.h"
#include "component/test_guest.h"

namespace weft::component {
namespace {

using test::Guest;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ast::Bytes binary(std::string_view text) {
  return std::make_shared<const std::vector<std::byte>>(wasm::testing::wat(text));
}

ast::Bytes composed(const std::vector<std::string>& parts, const Wiring& wiring) {
  std::vector<ast::Bytes> binaries;
  for (const std::string& part : parts) binaries.push_back(binary(part));
  return std::make_shared<const std::vector<std::byte>>(write_composition(binaries, wiring));
}

Result<std::unique_ptr<LinkPlan>> plan_of(const ast::Bytes& bytes, LinkFault* fault = nullptr) {
  TRY(const auto ast, decode(bytes));
  TRY(const auto composition, read_composition(*ast));
  if (!composition) return fail(Errc::invalid, "it is no composition");
  CHECK_OK(validate(*composition, fault));
  return make_plan(*ast, *composition);
}

Guest guest_of(const ast::Bytes& bytes) {
  return Guest(test::link(plan_of(bytes).value()).value());
}

// Exports a:b/math with "add" of two numbers.
std::string adder(std::string_view type = "u32", std::string_view version = "") {
  const std::string of(type);
  return R"((component
    (core module $M (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    (core instance $m (instantiate $M))
    (func $add (param "a" )" +
         of + R"() (param "b" )" + of + R"() (result )" + of + R"() (canon lift (core func $m "add")))
    (instance $math (export "add" (func $add)))
    (export "a:b/math)" +
         std::string(version) + R"(" (instance $math))))";
}

// Imports a:b/math and exports "run", which adds 40 and 2.
constexpr std::string_view user = R"((component
  (import "a:b/math" (instance $math (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (core func $add (canon lower (func $math "add")))
  (core module $M
    (import "" "add" (func $add (param i32 i32) (result i32)))
    (func (export "run") (result i32) (call $add (i32.const 40) (i32.const 2))))
  (core instance $m (instantiate $M (with "" (instance (export "add" (func $add))))))
  (func (export "run") (result u32) (canon lift (core func $m "run")))))";

const Wiring math_link = {.links = {{.part = 1, .import = "a:b/math", .from = 0, .export_name = "a:b/math"}},
                          .denied = {}};

TEST(Composition, GivesAPartWhatAnotherExports) {
  Guest guest = guest_of(composed({adder(), std::string(user)}, math_link));
  EXPECT_EQ(guest.call("run"), "42");
}

TEST(Composition, HasTheExportsOfItsLastPart) {
  const auto plan = plan_of(composed({adder(), std::string(user)}, math_link)).value();
  ASSERT_EQ(plan->exports.items.size(), 1u);
  EXPECT_EQ(plan->exports.items[0].first, "run");
  EXPECT_TRUE(plan->host_funcs.empty());
}

TEST(Composition, LinksAnExportOfAnotherName) {
  Wiring wiring = math_link;
  wiring.links[0].export_name = "a:b/math@1.2.0";
  Guest guest = guest_of(composed({adder("u32", "@1.2.0"), std::string(user)}, wiring));
  EXPECT_EQ(guest.call("run"), "42");
}

TEST(Composition, RefusesTypesThatDifferAndSaysWhich) {
  LinkFault fault;
  const auto plan = plan_of(composed({adder("s32"), std::string(user)}, math_link), &fault);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().code(), Errc::invalid);
  EXPECT_THAT(plan.error().message(), HasSubstr("expected primitive `u32` found primitive `s32`"));
  EXPECT_EQ(fault.link, 0u);
  EXPECT_EQ(fault.function, "add");
  ASSERT_TRUE(fault.wanted && fault.given);
  EXPECT_NE(*fault.wanted, *fault.given);
}

TEST(Composition, RefusesALinkToNothing) {
  Wiring wiring = math_link;
  wiring.links[0].export_name = "a:b/maths";
  EXPECT_THAT(plan_of(composed({adder(), std::string(user)}, wiring)).error().message(),
              HasSubstr("there is no export `a:b/maths`"));
}

TEST(Composition, LeavesToTheHostWhatNoPartGives) {
  const auto plan = plan_of(composed({adder(), std::string(user)}, {})).value();
  ASSERT_EQ(plan->host_funcs.size(), 1u);
  EXPECT_EQ(plan->host_funcs[0].interface, "a:b/math");
  EXPECT_EQ(plan->host_funcs[0].denial, "");
}

// A resource of the host that one part hands to the other: the same, though they name two versions of its interface.
TEST(Composition, AnInterfaceOfTheHostIsTheSameForAllParts) {
  const std::string maker = R"((component
    (import "host:x/y@1.0.2" (instance $y (export "r" (type (sub resource)))))
    (alias export $y "r" (type $r))
    (core module $M (func (export "pass") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $M))
    (func $pass (param "r" (own $r)) (result (own $r)) (canon lift (core func $m "pass")))
    (instance $i (export "pass" (func $pass)))
    (export "a:b/pass" (instance $i))))";
  const std::string taker = R"((component
    (import "host:x/y@1.0.0" (instance $y (export "r" (type (sub resource)))))
    (alias export $y "r" (type $r))
    (import "a:b/pass" (instance $p
      (alias outer 1 $r (type $own))
      (export "pass" (func (param "r" (own $own)) (result (own $own))))))
    (core func $pass (canon lower (func $p "pass")))))";
  const Wiring wiring = {.links = {{.part = 1, .import = "a:b/pass", .from = 0, .export_name = "a:b/pass"}},
                         .denied = {}};
  const auto plan = plan_of(composed({maker, taker}, wiring));
  ASSERT_TRUE(plan.has_value()) << plan.error().message();
  EXPECT_EQ((*plan)->resources.size(), 1u);

  std::string other = taker;
  other.replace(other.find("host:x/y@1.0.0"), 14, "host:x/y@2.0.0");
  EXPECT_THAT(plan_of(composed({maker, other}, wiring)).error().message(),
              HasSubstr("resource types are not the same"));
}

// A resource that a part defines is another one for each of its instances.
TEST(Composition, AResourceOfAPartIsOneTypeForWhoeverGetsItFromThere) {
  const std::string maker = R"((component
    (type $r (resource (rep i32)))
    (export $out "r" (type $r))
    (core func $new (canon resource.new $r))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 7)))
      (func (export "value") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
    (func $make (result (own $r)) (canon lift (core func $m "make")))
    (func $value (param "self" (borrow $r)) (result u32) (canon lift (core func $m "value")))
    (component $Api
      (import "r" (type $r (sub resource)))
      (import "make" (func $make (result (own $r))))
      (import "value" (func $value (param "self" (borrow $r)) (result u32)))
      (export $r2 "r" (type $r))
      (export "make" (func $make) (func (result (own $r2))))
      (export "value" (func $value) (func (param "self" (borrow $r2)) (result u32))))
    (instance $api (instantiate $Api (with "r" (type $r)) (with "make" (func $make)) (with "value" (func $value))))
    (export "a:b/api" (instance $api))))";
  const std::string taker = R"((component
    (import "a:b/api" (instance $api
      (export "r" (type $r (sub resource)))
      (export "make" (func (result (own $r))))
      (export "value" (func (param "self" (borrow $r)) (result u32)))))
    (core func $make (canon lower (func $api "make")))
    (core func $value (canon lower (func $api "value")))
    (core module $M
      (import "" "make" (func $make (result i32)))
      (import "" "value" (func $value (param i32) (result i32)))
      (func (export "run") (result i32) (call $value (call $make))))
    (core instance $m (instantiate $M (with "" (instance
      (export "make" (func $make)) (export "value" (func $value))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))))";
  const Wiring wiring = {.links = {{.part = 1, .import = "a:b/api", .from = 0, .export_name = "a:b/api"}},
                         .denied = {}};
  Guest guest = guest_of(composed({maker, taker}, wiring));
  EXPECT_EQ(guest.call("run"), "7");
}

// One that adds 1 to what the next says.
constexpr std::string_view counter = R"((component
  (import "a:b/next" (instance $next (export "count" (func (result u32)))))
  (core func $count (canon lower (func $next "count")))
  (core module $M
    (import "" "count" (func $count (result i32)))
    (func (export "count") (result i32) (i32.add (i32.const 1) (call $count))))
  (core instance $m (instantiate $M (with "" (instance (export "count" (func $count))))))
  (func $f (result u32) (canon lift (core func $m "count")))
  (instance $i (export "count" (func $f)))
  (export "count" (func $f))
  (export "a:b/next" (instance $i))))";

ast::Bytes chain_of(std::uint32_t length) {
  std::vector<std::string> parts = {R"((component
    (core module $M (func (export "count") (result i32) (i32.const 1)))
    (core instance $m (instantiate $M))
    (func $f (result u32) (canon lift (core func $m "count")))
    (instance $i (export "count" (func $f)))
    (export "count" (func $f))
    (export "a:b/next" (instance $i))))"};
  Wiring wiring;
  for (std::uint32_t i = 1; i < length; ++i) {
    parts.emplace_back(counter);
    wiring.links.push_back({.part = i, .import = "a:b/next", .from = i - 1, .export_name = "a:b/next"});
  }
  return composed(parts, wiring);
}

TEST(Composition, AChainIsOneCallForEachPartAndNothingElse) {
  const auto ast = decode(chain_of(10)).value();
  const auto plan = make_plan(*ast, read_composition(*ast).value().value()).value();
  // Each part lowers the function of the next one itself.
  EXPECT_EQ(plan->trampolines.size(), 9u);
  EXPECT_EQ(plan->lifts.size(), 10u);
  EXPECT_EQ(plan->modules.size(), 10u);
  EXPECT_EQ(plan->core_instances, 10u);
  Guest guest = guest_of(chain_of(10));
  EXPECT_EQ(guest.call("count"), "10");
}

TEST(Composition, AChainOfAnyLengthEndsWithAResultOrATrap) {
  Guest guest = guest_of(chain_of(max_parts));
  const std::string said = guest.call("count");
  EXPECT_TRUE(said == std::to_string(max_parts) || said == "trap: call stack exhausted") << said;
}

// Imports "a:b/store" with functions that a host may have, and exports what they answer.
constexpr std::string_view denied_user = R"((component
  (import "a:b/store@1.0.0" (instance $store
    (export "error" (type $error (sub resource)))
    (type $e' (enum "io" "access-denied"))
    (export "e" (type $e (eq $e')))
    (export "get" (func (param "n" u32) (result (result u32 (error $e)))))
    (export "names" (func (result u32)))))
  (core func $get (canon lower (func $store "get") (memory (core memory $memory "m"))))
  (core func $names (canon lower (func $store "names")))
  (core module $M
    (import "" "get" (func $get (param i32 i32)))
    (import "" "names" (func $names (result i32)))
    (import "" "m" (memory 1))
    (func (export "get") (result i32)
      (call $get (i32.const 1) (i32.const 16))
      (i32.add (i32.mul (i32.load8_u (i32.const 16)) (i32.const 10)) (i32.load8_u (i32.const 20))))
    (func (export "names") (result i32) (call $names)))
  (core instance $m (instantiate $M (with "" (instance
    (export "get" (func $get)) (export "names" (func $names)) (export "m" (memory $memory "m"))))))
  (func (export "get") (result u32) (canon lift (core func $m "get")))
  (func (export "names") (result u32) (canon lift (core func $m "names")))))";

std::string with_memory(std::string_view text) {
  std::string out(text);
  const std::string first = "  (core func $get";
  out.insert(out.find(first),
             "  (core module $Memory (memory (export \"m\") 1))\n"
             "  (core instance $memory (instantiate $Memory))\n");
  return out;
}

TEST(Composition, WhatAPartIsDeniedFailsOrTrapsWhateverTheHostHas) {
  const Wiring wiring = {.links = {}, .denied = {{.part = 0, .import = "a:b/store@1.0.0", .reason = "it is alone"}}};
  const ast::Bytes bytes = composed({with_memory(denied_user)}, wiring);
  std::vector<std::string> lines;
  Guest guest = guest_of(bytes);
  guest.instance().context().log = [&](std::string_view line) { lines.emplace_back(line); };
  EXPECT_EQ(guest.call("get"), "11");  // error(access-denied)
  EXPECT_EQ(lines, std::vector<std::string>{"denied a:b/store@1.0.0#get: it is alone"});
  EXPECT_EQ(guest.instance().context().share().account.denials, 1u);
  EXPECT_EQ(guest.call("names"), "trap: the component calls a:b/store@1.0.0#names: it is alone");
}

TEST(Composition, AnErrorContextIsNotTakenFromAPartThatIsDenied) {
  const Wiring wiring = {.links = {}, .denied = {{.part = 0, .import = "a:b/log@1.0.0", .reason = "it is alone"}}};
  Guest guest = guest_of(composed({R"((component
    (import "a:b/log@1.0.0" (instance $log (export "put" (func (param "what" error-context) (result (result))))))
    (core module $Memory (memory (export "m") 1))
    (core instance $memory (instantiate $Memory))
    (core func $new (canon error-context.new (memory (core memory $memory "m"))))
    (core func $put (canon lower (func $log "put")))
    (core module $M
      (import "" "new" (func $new (param i32 i32) (result i32)))
      (import "" "put" (func $put (param i32) (result i32)))
      (func (export "f") (result i32) (call $put (call $new (i32.const 0) (i32.const 9)))))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new)) (export "put" (func $put))))))
    (func (export "f") (result u32) (canon lift (core func $m "f")))))"},
                                  wiring));
  EXPECT_EQ(guest.call("f"), "trap: the component calls a:b/log@1.0.0#put: it is alone");
}

TEST(Composition, ADenialIsForOnePartOnly) {
  const std::string part = with_memory(denied_user);
  const Wiring wiring = {.links = {}, .denied = {{.part = 0, .import = "a:b/store@1.0.0", .reason = "it is alone"}}};
  const auto plan = plan_of(composed({part, part}, wiring)).value();
  ASSERT_EQ(plan->host_funcs.size(), 4u);
  EXPECT_EQ(plan->host_funcs[0].denial, "it is alone");
  EXPECT_EQ(plan->host_funcs[2].denial, "");
  // Somebody imports it who may have it.
  ASSERT_EQ(plan->resources.size(), 1u);
  EXPECT_FALSE(plan->resources[0].denied);
}

TEST(Composition, AKeptPlanDeniesTheSame) {
  const Wiring wiring = {.links = {}, .denied = {{.part = 0, .import = "a:b/store@1.0.0", .reason = "it is alone"}}};
  const ast::Bytes bytes = composed({with_memory(denied_user)}, wiring);
  auto kept = deserialize_plan(serialize(*plan_of(bytes).value()).value(), bytes).value();
  ASSERT_EQ(kept->host_funcs.size(), 2u);
  EXPECT_EQ(kept->host_funcs[0].denial, "it is alone");
  EXPECT_TRUE(kept->resources[0].denied);
  Guest guest(test::link(std::move(kept)).value());
  EXPECT_EQ(guest.call("get"), "11");
}

TEST(Composition, AnOrdinaryComponentIsNone) {
  const auto ast = decode(binary(user)).value();
  EXPECT_FALSE(read_composition(*ast).value().has_value());
}

TEST(Composition, ThatIsBrokenIsRefused) {
  const auto error_of = [](const ast::Bytes& bytes) { return plan_of(bytes).error().message(); };
  Wiring forward = math_link;
  forward.links[0].from = 1;
  EXPECT_THAT(error_of(composed({adder(), std::string(user)}, forward)), HasSubstr("a link of the composition"));
  Wiring beyond = math_link;
  beyond.links[0].part = 2;
  EXPECT_THAT(error_of(composed({adder(), std::string(user)}, beyond)), HasSubstr("a link of the composition"));
  Wiring twice = math_link;
  twice.links.push_back(twice.links[0]);
  EXPECT_THAT(error_of(composed({adder(), std::string(user)}, twice)), HasSubstr("a link of the composition"));
  EXPECT_THAT(error_of(composed({adder()}, {.links = {}, .denied = {{.part = 1, .import = "x", .reason = "y"}}})),
              HasSubstr("to nobody"));
  EXPECT_THAT(error_of(composed({}, {})), HasSubstr("from 1 to"));
  // The byte behind the section's name.
  std::vector<std::byte> newer = *composed({adder(), std::string(user)}, math_link);
  const auto name = std::as_bytes(std::span(composition_section));
  *(std::ranges::search(newer, name).end()) = std::byte{9};
  EXPECT_THAT(error_of(std::make_shared<const std::vector<std::byte>>(std::move(newer))),
              HasSubstr("another version of weft"));
}

}  // namespace
}  // namespace weft::component
