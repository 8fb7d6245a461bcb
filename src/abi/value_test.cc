#include "abi/value.h"

#include <gtest/gtest.h>

#include <limits>

#include "abi/testing/notation.h"
#include "abi/trap.h"

namespace weft::abi {
namespace {

class Values : public ::testing::Test {
 protected:
  TypeRef type(const char* text) { return testing::parse_type(types_, text); }
  Value value(const char* type_text, const char* text) { return testing::parse_value(type(type_text), text); }
  std::string print(const char* type_text, const char* text) {
    return to_string(value(type_text, text), type(type_text));
  }

  TypeTable types_;
};

TEST_F(Values, PrintInTheNotationOfWave) {
  EXPECT_EQ(print("bool", "1"), "true");
  EXPECT_EQ(print("s8", "-128"), "-128");
  EXPECT_EQ(print("u64", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(print("f32", "x3fc00000"), "1.5");
  EXPECT_EQ(print("f64", "xfff0000000000000"), "-inf");
  EXPECT_EQ(print("f32", "xffc00001"), "nan");
  EXPECT_EQ(print("char", "233"), "'\u00E9'");
  EXPECT_EQ(print("char", "128512"), "'\U0001F600'");
  EXPECT_EQ(print("char", "39"), "'\\''");
  EXPECT_EQ(print("string", "\"610a22c3a907\""), "\"a\\n\\\"\u00E9\\u{7}\"");
  EXPECT_EQ(print("list<u8>", "[1,2]"), "[1, 2]");
  EXPECT_EQ(print("list<bool, 2>", "[1,0]"), "[true, false]");
  EXPECT_EQ(print("map<u8, string>", "[(1,\"61\")]"), "[(1, \"a\")]");
  EXPECT_EQ(print("record { a: u8, b-c: option<u8> }", "(1,1(2))"), "{a: 1, b-c: some(2)}");
  EXPECT_EQ(print("result<_, string>", "0"), "ok");
  EXPECT_EQ(print("enum { north, south }", "1"), "south");
  EXPECT_EQ(print("flags { r, w, x }", "5"), "{r, x}");
  EXPECT_EQ(print("own<0>", "7"), "own(7)");
}

TEST_F(Values, AnotherTypeIsNotPrintedAsThisOne) {
  EXPECT_EQ(to_string(value("tuple<u8, u8>", "(1,2)"), type("tuple<u8>")), "<mismatch>");
  EXPECT_EQ(to_string(value("enum#3", "2"), type("option<u8>")), "<mismatch>");
  EXPECT_EQ(to_string(value("list<u8>", "[1]"), type("u8")), "<mismatch>");
  EXPECT_EQ(to_string(value("option<u8>", "1(1)"), type("enum#2")), "b(<mismatch>)");
}

TEST_F(Values, CompareByContent) {
  EXPECT_EQ(value("option<string>", "1(\"61\")"), value("option<string>", "1(\"61\")"));
  EXPECT_NE(value("option<string>", "1(\"61\")"), value("option<string>", "1(\"62\")"));
  EXPECT_NE(value("option<string>", "1(\"61\")"), value("option<string>", "0"));
  EXPECT_NE(value("u8", "1"), value("s8", "1"));
  EXPECT_NE(value("list<u8>", "[]"), value("list<s8>", "[]"));
  EXPECT_NE(value("f64", "x0000000000000000"), value("f64", "x8000000000000000"));
  EXPECT_EQ(Value(std::numeric_limits<float>::quiet_NaN()), Value(-std::numeric_limits<float>::signaling_NaN()));
  EXPECT_NE(Value(1.0f), Value(1.0));
}

TEST_F(Values, AResultPrintsAsOkOrErr) {
  EXPECT_EQ(to_string(Variant(0), type("result<_, u8>")), "ok");
  EXPECT_EQ(to_string(Variant(1, std::uint8_t{3}), type("result<_, u8>")), "err(3)");
}

TEST_F(Values, AListOfScalarsIsOneBlock) {
  const Value list = make_list(type("u16"), {std::uint16_t{1}, std::uint16_t{0x203}});
  ASSERT_NE(list.as<ScalarList>(), nullptr);
  EXPECT_EQ(list.as<ScalarList>()->bytes.size(), 4u);
  EXPECT_EQ(scalars_of(*list.as<ScalarList>()), (std::vector<Value>{std::uint16_t{1}, std::uint16_t{0x203}}));
  EXPECT_THROW(make_list(type("u16"), {std::uint8_t{1}}), Trap);
  EXPECT_NE(make_list(type("string"), {std::string("x")}).as<List>(), nullptr);
}

}  // namespace
}  // namespace weft::abi
