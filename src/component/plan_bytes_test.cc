#include "component/plan_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "component/decode.h"
#include "component/plan_format.h"
#include "component/validate.h"
#include "wasm/testing/wat.h"

namespace weft::component {
namespace {

using ::testing::HasSubstr;
using Serialized = std::vector<std::byte>;

// Everything that a plan can hold, but for what only a host provides.
constexpr const char* rich = R"((component
  (core module $M
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (func (export "dtor") (param i32))
    (func (export "f") (param i32 i32) (result i32) (i32.const 0))
    (func (export "g") (param i32))
    (func (export "post") (param i32)))
  (import "host:x/y@1.0.0" (instance $host
    (export "res" (type $res (sub resource)))
    (export "take" (func (param "r" (borrow $res)) (result (option (own $res)))))))
  (component $Inner
    (core module $M (memory (export "memory") 1) (func (export "dtor") (param i32)))
    (core instance $m (instantiate $M))
    (type $r (resource (rep i32) (dtor (core func $m "dtor"))))
    (export "res" (type $r)))
  (core instance $m (instantiate $M))
  (instance $inner (instantiate $Inner))
  (alias export $inner "res" (type $r))
  (type $record (record (field "a" u8) (field "b" (tuple bool char f32 f64))))
  (export $record' "record" (type $record))
  (type $variant (variant (case "x" string) (case "y")))
  (export $variant' "variant" (type $variant))
  (type $flags (flags "p" "q"))
  (export $flags' "flags" (type $flags))
  (type $enum (enum "p" "q"))
  (export $enum' "enum" (type $enum))
  (type $stream (stream u8))
  (type $future (future $record'))
  (type $all (tuple (list s8) (option s16) (result s32) (result (error s64)) (map u16 u64) (list f32 4) $record'
    $variant' $flags' $enum' (own $r) (stream u8) (future) error-context))
  (func $f (param "text" string) (result string) (canon lift (core func $m "f")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc")) (post-return (core func $m "post"))
    string-encoding=latin1+utf16))
  (func $g (param "all" $all) (canon lift (core func $m "g")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core func $f' (canon lower (func $f) (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core func $new (canon resource.drop $r))
  (core func $read (canon stream.read $stream async (memory (core memory $m "memory"))))
  (core func $cancel (canon future.cancel-write $future async))
  (core func $return (canon task.return (result u32)))
  (core func $get (canon context.get i32 1))
  (core module $N (import "" "f" (func (param i32 i32 i32))) (import "" "get" (func (result i32))))
  (core instance (instantiate $N (with "" (instance (export "f" (func $f')) (export "get" (func $get))))))
  (instance $inline (export "f" (func $f)) (export "m" (core module $M)))
  (export "i" (instance $inline))
  (export "f" (func $f))))";

std::unique_ptr<const LinkPlan> plan_of(std::string_view text) {
  const auto ast = decode(std::make_shared<const Serialized>(wasm::testing::wat(text))).value();
  const auto valid = validate(*ast);
  EXPECT_TRUE(valid) << valid.error().message();
  return make_plan(*ast).value();
}

std::string error_of(const Serialized& serialized, const LinkPlan& plan) {
  const auto read = deserialize_plan(serialized, plan.bytes);
  return read ? "" : read.error().message();
}

// The plan's payload with a fitting header.
Serialized with_header(std::span<const std::byte> payload, const Serialized& original) {
  Serialized out(original.begin(), original.begin() + 9);
  for (std::uint64_t sum = plan_format::checksum(payload), i = 0; i < 8; ++i) {
    out.push_back(static_cast<std::byte>(sum >> (8 * i)));
  }
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}
constexpr std::size_t header_size = 17;

TEST(PlanBytes, give_the_same_plan) {
  const auto plan = plan_of(rich);
  ASSERT_TRUE(check_plan(*plan)) << check_plan(*plan).error().message();
  const Serialized bytes = serialize(*plan).value();
  const auto read = deserialize_plan(bytes, plan->bytes);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(serialize(**read).value(), bytes);
  EXPECT_EQ((*read)->steps.size(), plan->steps.size());
  EXPECT_EQ((*read)->trampolines.size(), plan->trampolines.size());
  ASSERT_EQ((*read)->lifts.size(), plan->lifts.size());
  for (std::size_t i = 0; i < plan->lifts.size(); ++i) {
    const abi::FuncType &was = *plan->lifts[i].type, &is = *(*read)->lifts[i].type;
    EXPECT_EQ(to_string(is.params), to_string(was.params));
    EXPECT_EQ(is.lift, was.lift);
  }
}

TEST(PlanBytes, that_are_damaged_are_refused) {
  const auto plan = plan_of(rich);
  const Serialized bytes = serialize(*plan).value();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Serialized damaged = bytes;
    damaged[i] ^= std::byte{1};
    EXPECT_NE(error_of(damaged, *plan), "") << i;
    EXPECT_NE(error_of(Serialized(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(i)), *plan), "") << i;
  }
  Serialized longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_NE(error_of(longer, *plan), "");
}

TEST(PlanBytes, of_another_version_or_component_are_refused) {
  const auto plan = plan_of(rich);
  Serialized bytes = serialize(*plan).value();
  const auto other = deserialize_plan(bytes, std::make_shared<const Serialized>(plan->bytes->size() + 1));
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message(), HasSubstr("another size"));
  bytes[8] = static_cast<std::byte>(plan_version + 1);
  EXPECT_EQ(error_of(bytes, *plan), "the link plan is of another version");
}

// Whoever can forge the checksum gets an error, or a plan that keeps the rules of check_plan.
TEST(PlanBytes, are_checked_beyond_the_checksum) {
  const auto plan = plan_of(rich);
  const Serialized bytes = serialize(*plan).value();
  const Serialized payload(bytes.begin() + header_size, bytes.end());
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    Serialized changed = payload;
    for (std::uint32_t n = 1 + random() % 3; n > 0; --n) {
      std::byte& at = changed[random() % changed.size()];
      at = random() % 2 == 0 ? static_cast<std::byte>(random()) : at ^ static_cast<std::byte>(1u << random() % 8);
    }
    if (random() % 4 == 0) changed.resize(random() % changed.size());
    const auto read = deserialize_plan(with_header(changed, bytes), plan->bytes);
    if (!read) {
      ++refused;
    } else {
      EXPECT_TRUE(check_plan(**read));
      EXPECT_TRUE(serialize(**read));
    }
  }
  EXPECT_GT(refused, 10'000);
}

TEST(PlanBytes, cannot_claim_more_entries_than_they_hold) {
  const auto plan = plan_of("(component)");
  const Serialized bytes = serialize(*plan).value();
  Serialized payload(bytes.begin() + header_size, bytes.end());
  // The count of core modules, after the component's size.
  payload[1] = std::byte{0xff};
  payload.insert(payload.begin() + 2, 3, std::byte{0xff});
  payload.insert(payload.begin() + 5, std::byte{0x0f});
  EXPECT_NE(error_of(with_header(payload, bytes), *plan), "");
}

class CheckPlan : public ::testing::Test {
 protected:
  // The rule that `change` breaks.
  std::string broken(const std::function<void(LinkPlan&)>& change) {
    auto plan = deserialize_plan(serialize(*plan_).value(), plan_->bytes).value();
    change(const_cast<LinkPlan&>(*plan));
    const auto checked = check_plan(*plan);
    return checked ? "" : checked.error().message();
  }
  std::unique_ptr<const LinkPlan> plan_ = plan_of(rich);
};

TEST_F(CheckPlan, accepts_what_planning_makes) {
  EXPECT_EQ(broken([](LinkPlan&) {}), "");
}

TEST_F(CheckPlan, finds_indices_out_of_bounds) {
  EXPECT_NE(broken([](LinkPlan& p) { p.modules[0].size = SIZE_MAX; }), "");
  EXPECT_NE(broken([](LinkPlan& p) { p.instance_parents.back() = 7; }), "");
  EXPECT_NE(broken([](LinkPlan& p) { p.instance_parents.clear(); }), "");
  EXPECT_NE(broken([](LinkPlan& p) { p.lifts[0].core_func = p.func_slots; }), "");
  EXPECT_NE(broken([](LinkPlan& p) { p.lifts[0].options.instance = 2; }), "");
  EXPECT_NE(broken([](LinkPlan& p) { p.resources.back().dtor = p.func_slots; }), "");
  EXPECT_NE(broken([](LinkPlan& p) { p.exports.items.emplace_back("x", FuncRef{FuncRef::Kind::lift, 9}); }), "");
}

TEST_F(CheckPlan, finds_what_is_used_before_it_is_made) {
  EXPECT_NE(broken([](LinkPlan& p) { std::swap(p.steps.front(), p.steps.back()); }), "");
  EXPECT_NE(broken([](LinkPlan& p) { p.steps.pop_back(); }), "");
  EXPECT_NE(broken([](LinkPlan& p) { p.core_instances += 1; }), "");
}

TEST_F(CheckPlan, finds_functions_whose_values_need_a_memory_that_they_lack) {
  EXPECT_NE(broken([](LinkPlan& p) { p.lifts[0].options.memory.reset(); }), "");
  EXPECT_NE(broken([](LinkPlan& p) { std::get<LowerTrampoline>(p.trampolines[0]).caller.memory.reset(); }), "");
}

TEST_F(CheckPlan, exports_may_not_be_nested_without_end) {
  auto plan = deserialize_plan(serialize(*plan_).value(), plan_->bytes).value();
  auto inner = std::make_shared<ExportedInstance>();
  for (std::uint32_t i = 0; i < max_export_depth; ++i) {
    auto outer = std::make_shared<ExportedInstance>();
    outer->items.emplace_back("x", std::shared_ptr<const ExportedInstance>(std::move(inner)));
    inner = std::move(outer);
  }
  const_cast<LinkPlan&>(*plan).exports.items.emplace_back("x", std::shared_ptr<const ExportedInstance>(inner));
  const auto read = deserialize_plan(serialize(*plan).value(), plan->bytes);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace weft::component
