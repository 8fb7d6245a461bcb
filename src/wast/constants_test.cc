#include "wast/constants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "abi/type_table.h"

namespace weft::wast {
namespace {

using abi::Kind;
using nlohmann::json;

class Constants : public ::testing::Test {
 protected:
  // In WAVE's notation; "" if it is not a constant of the type.
  std::string read(const char* constant, abi::TypeRef type) {
    const auto value = component_value(json::parse(constant), type);
    return value ? abi::to_string(*value, type) : "";
  }
  abi::TypeRef prim(Kind kind) { return types_.primitive(kind); }

  abi::TypeTable types_;
};

TEST_F(Constants, scalars_are_read_within_their_range) {
  EXPECT_EQ(read(R"({"type":"u8","value":"255"})", prim(Kind::u8)), "255");
  EXPECT_EQ(read(R"({"type":"u8","value":"256"})", prim(Kind::u8)), "");
  EXPECT_EQ(read(R"({"type":"s64","value":"-9223372036854775808"})", prim(Kind::s64)), "-9223372036854775808");
  EXPECT_EQ(read(R"({"type":"u8","value":"1"})", prim(Kind::u16)), "");
  EXPECT_EQ(read(R"({"type":"bool","value":true})", prim(Kind::boolean)), "true");
  EXPECT_EQ(read(R"({"type":"f32","value":"1069547520"})", prim(Kind::f32)), "1.5");
}

TEST_F(Constants, characters_are_one_code_point) {
  EXPECT_EQ(read(R"({"type":"char","value":"x"})", prim(Kind::character)), "'x'");
  EXPECT_EQ(read(R"({"type":"char","value":"🍰"})", prim(Kind::character)), "'🍰'");
  EXPECT_EQ(read(R"({"type":"char","value":"xy"})", prim(Kind::character)), "");
  EXPECT_EQ(read(R"({"type":"char","value":""})", prim(Kind::character)), "");
}

TEST_F(Constants, compounds_follow_the_type) {
  const abi::TypeRef u32 = prim(Kind::u32);
  const abi::TypeRef record = types_.record({{.label = "a", .type = u32}, {.label = "b", .type = prim(Kind::string)}});
  EXPECT_EQ(read(R"({"type":"record","value":[["a",{"type":"u32","value":"1"}],["b",{"type":"string","value":"x"}]]})",
                 record),
            "{a: 1, b: \"x\"}");
  EXPECT_EQ(read(R"({"type":"record","value":[["b",{"type":"string","value":"x"}],["a",{"type":"u32","value":"1"}]]})",
                 record),
            "");
  EXPECT_EQ(
      read(R"({"type":"list","value":[{"type":"u32","value":"1"},{"type":"u32","value":"2"}]})", types_.list(u32)),
      "[1, 2]");
  EXPECT_EQ(read(R"({"type":"list","value":[{"type":"u32","value":"1"}]})", types_.fixed_list(u32, 2)), "");
  EXPECT_EQ(read(R"({"type":"option","value":null})", types_.option(u32)), "none");
  EXPECT_EQ(read(R"({"type":"option","value":{"type":"u32","value":"3"}})", types_.option(u32)), "some(3)");
  EXPECT_EQ(read(R"({"type":"result","value":{"Ok":null}})", types_.result(nullptr, u32)), "ok");
  EXPECT_EQ(read(R"({"type":"result","value":{"Err":{"type":"u32","value":"3"}}})", types_.result(nullptr, u32)),
            "err(3)");
  EXPECT_EQ(read(R"({"type":"result","value":{"Err":null}})", types_.result(nullptr, u32)), "");
  EXPECT_EQ(read(R"({"type":"enum","value":"b"})", types_.enumeration({"a", "b"})), "b");
  EXPECT_EQ(read(R"({"type":"enum","value":"c"})", types_.enumeration({"a", "b"})), "");
  EXPECT_EQ(read(R"({"type":"flags","value":["c","a"]})", types_.flags({"a", "b", "c"})), "{a, c}");
  EXPECT_EQ(read(R"({"type":"variant","value":{"case":"b","payload":{"type":"u32","value":"4"}}})",
                 types_.variant({{.label = "a"}, {.label = "b", .type = u32}})),
            "b(4)");
}

TEST_F(Constants, of_the_wrong_shape_are_errors) {
  const abi::TypeRef u32 = prim(Kind::u32);
  for (const char* constant : {"1", "null", "[]", "{}", R"({"type":"u32"})", R"({"type":"u32","value":1})",
                               R"({"type":1,"value":"1"})", R"({"type":"list","value":{}})"}) {
    EXPECT_EQ(read(constant, u32), "") << constant;
    EXPECT_EQ(read(constant, types_.list(u32)), "") << constant;
    EXPECT_EQ(read(constant, types_.record({{.label = "a", .type = u32}})), "") << constant;
  }
}

bool matches(const char* constant, wasm::CoreType type, const abi::CoreValue& value) {
  return core_matches(json::parse(constant), type, value).value();
}

TEST(CoreConstants, nan_classes_are_told_apart) {
  const char* canonical = R"({"type":"f32","value":"nan:canonical"})";
  const char* arithmetic = R"({"type":"f32","value":"nan:arithmetic"})";
  abi::CoreValue value;
  value.set_i32(0xffc0'0000);
  EXPECT_TRUE(matches(canonical, wasm::CoreType::f32, value));
  EXPECT_TRUE(matches(arithmetic, wasm::CoreType::f32, value));
  value.set_i32(0x7fc0'0001);
  EXPECT_FALSE(matches(canonical, wasm::CoreType::f32, value));
  EXPECT_TRUE(matches(arithmetic, wasm::CoreType::f32, value));
  value.set_i32(0x7fa0'0000);  // signalling
  EXPECT_FALSE(matches(arithmetic, wasm::CoreType::f32, value));
  value.set_f32(1);
  EXPECT_FALSE(matches(arithmetic, wasm::CoreType::f32, value));
  value.set_f64(std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(matches(R"({"type":"f64","value":"nan:canonical"})", wasm::CoreType::f64, value));
}

TEST(CoreConstants, must_have_the_type) {
  EXPECT_FALSE(core_value(json::parse(R"({"type":"i64","value":"1"})"), wasm::CoreType::i32));
  const auto value = core_value(json::parse(R"({"type":"i32","value":"-1"})"), wasm::CoreType::i32);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->i32(), 0xffff'ffff);
  EXPECT_EQ(core_value(json::parse(R"({"type":"externref","value":"1"})"), wasm::CoreType::externref).error().code(),
            Errc::unsupported);
}

}  // namespace
}  // namespace weft::wast
