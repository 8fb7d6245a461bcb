#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "abi/testing/notation.h"
#include "call/arguments.h"
#include "call/base64.h"
#include "call/from_json.h"
#include "call/json_text.h"
#include "call/to_json.h"

namespace weft::call {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class JsonValues : public ::testing::Test {
 protected:
  abi::TypeRef type(const std::string& text) { return abi::testing::parse_type(types_, text); }

  // In the notation of WAVE, or the mistake.
  std::string read(const std::string& type_text, std::string_view text) {
    const auto value = read_json(text);
    if (!value) return value.error().message();
    const auto made = from_json(*value, type(type_text));
    return made ? abi::to_string(*made, type(type_text)) : made.error().text();
  }
  // There and back.
  std::string again(const std::string& type_text, std::string_view text, Bytes bytes = Bytes::array) {
    return to_json(from_json(read_json(text).value(), type(type_text)).value(), type(type_text), bytes).value();
  }
  const abi::FuncType& func(std::vector<std::pair<const char*, const char*>> params) {
    std::vector<abi::Field> fields;
    for (const auto& [name, text] : params) fields.push_back({.label = name, .type = type(text)});
    return **types_.func(std::move(fields), nullptr);
  }
  std::string arguments(const abi::FuncType& of, std::string_view text) {
    const auto made = arguments_of(read_json(text).value(), of);
    return made ? abi::to_string(*made, of.params) : made.error().text();
  }

  abi::TypeTable types_;
};

constexpr const char* user = "record { name: string, age: u8, email: option<string>, tags: list<string> }";

TEST_F(JsonValues, EveryKindHasAFormOfItsOwn) {
  EXPECT_EQ(again("bool", "true"), "true");
  EXPECT_EQ(again("u64", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(again("s64", "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(again("f32", "0.1"), "0.1");
  EXPECT_EQ(again("f64", "-0.0"), "-0.0");
  EXPECT_EQ(again("f64", "1e300"), "1e+300");
  EXPECT_EQ(again("f64", R"("NaN")"), R"("NaN")");
  EXPECT_EQ(again("f32", R"("-Infinity")"), R"("-Infinity")");
  EXPECT_EQ(again("char", R"("😀")"), R"("😀")");
  EXPECT_EQ(again("string", R"("a\"\\\n\u0007\u0085é")"), R"("a\"\\\n\u0007\u0085é")");
  EXPECT_EQ(again(user, R"({"tags": ["x"], "age": 36, "name": "Ada"})"),
            R"({"name":"Ada","age":36,"email":null,"tags":["x"]})");
  EXPECT_EQ(again("tuple<string, u32>", R"(["a", 1])"), R"(["a",1])");
  EXPECT_EQ(again("variant { point, circle(f64) }", R"("point")"), R"("point")");
  EXPECT_EQ(again("variant { point, circle(f64) }", R"({"circle": 1.5})"), R"({"circle":1.5})");
  EXPECT_EQ(again("enum { red, dark-blue }", R"("dark-blue")"), R"("dark-blue")");
  EXPECT_EQ(again("flags { read, write }", R"(["write", "read"])"), R"(["read","write"])");
  EXPECT_EQ(again("flags { read, write }", "[]"), "[]");
  EXPECT_EQ(again("result<u32, string>", R"({"ok": 1})"), R"({"ok":1})");
  EXPECT_EQ(again("result<u32, string>", R"({"err": "no"})"), R"({"err":"no"})");
  EXPECT_EQ(again("result<_, string>", R"({"ok": null})"), R"({"ok":null})");
  EXPECT_EQ(again("list<u16>", "[]"), "[]");
  EXPECT_EQ(again("list<bool, 2>", "[true, false]"), "[true,false]");
  EXPECT_EQ(again("map<u8, string>", R"([[1, "a"]])"), R"([[1,"a"]])");
  EXPECT_EQ(again("map<string, u8>", R"({"b": 2, "a": 1})"), R"({"a":1,"b":2})");
}

TEST_F(JsonValues, AnOptionIsNullOrTheValueAndOnlyWhereThatIsAmbiguousAnObject) {
  EXPECT_EQ(again("option<u32>", "null"), "null");
  EXPECT_EQ(again("option<u32>", "7"), "7");
  EXPECT_EQ(again("option<option<u32>>", "null"), "null");
  EXPECT_EQ(again("option<option<u32>>", R"({"some": null})"), R"({"some":null})");
  EXPECT_EQ(again("option<option<u32>>", R"({"some": 7})"), R"({"some":7})");
  EXPECT_EQ(again("option<option<option<u32>>>", R"({"some": {"some": null}})"), R"({"some":{"some":null}})");
  EXPECT_EQ(read("option<option<u32>>", "7"),
            "$: expected null or {\"some\": value}, for an option of an option, found 7");
  EXPECT_EQ(again("option<result<_, _>>", R"({"ok": null})"), R"({"ok":null})");
}

TEST_F(JsonValues, BytesAreAnArrayOrMarkedAsBase64) {
  EXPECT_EQ(again("list<u8>", "[104, 105, 255]"), "[104,105,255]");
  EXPECT_EQ(again("list<u8>", "[104, 105, 255]", Bytes::base64), R"({"base64":"aGn/"})");
  EXPECT_EQ(again("list<u8>", R"({"base64": "aGn/"})"), "[104,105,255]");
  EXPECT_EQ(again("list<u8>", R"({"base64": ""})", Bytes::base64), R"({"base64":""})");
  EXPECT_EQ(again("list<u8, 2>", R"({"base64": "aGk="})"), "[104,105]");
  EXPECT_EQ(read("list<u8, 3>", R"({"base64": "aGk="})"), "$: expected 3 elements, found 2");
  for (const char* wrong : {"a", "aGk", "aGk*", "aG=k", "aGl=", "====", "aGk=aGk="})
    EXPECT_FALSE(from_base64(wrong)) << wrong;
  EXPECT_EQ(read("list<u8>", R"({"base64": "?"})"), "$.base64: not base64 (RFC 4648, section 4)");
  EXPECT_THAT(read("list<u8>", R"("aGk=")"), StartsWith("$: expected an array, found \"aGk=\""));
  EXPECT_THAT(read("list<u16>", R"({"base64": "aGk="})"), StartsWith("$: expected an array"));
}

TEST_F(JsonValues, NumbersAreOfTheirTypeOrRefused) {
  EXPECT_EQ(read("u8", "256"), "$: expected u8, 0 to 255, found 256");
  EXPECT_EQ(read("u8", "-1"), "$: expected u8, 0 to 255, found -1");
  EXPECT_EQ(read("s8", "-128"), "-128");
  EXPECT_EQ(read("u32", "3.0"), "3");
  EXPECT_EQ(read("u32", "1e3"), "1000");
  EXPECT_EQ(read("u32", "3.5"), "$: expected u32, 0 to 4294967295, found 3.5");
  EXPECT_EQ(read("u64", R"("18446744073709551615")"), "18446744073709551615");
  EXPECT_EQ(read("s64", R"("-5")"), "-5");
  EXPECT_THAT(read("u64", "18446744073709551616"), HasSubstr("found 1.8446744073709552e+19"));
  for (const char* wrong : {R"("")", R"("1x")", R"(" 1")", R"("0x1")", R"("18446744073709551616")", R"("+1")"})
    EXPECT_THAT(read("u64", wrong), StartsWith("$: expected u64")) << wrong;
  EXPECT_THAT(read("u32", R"("5")"), StartsWith("$: expected u32")) << "only what a double cannot hold";
  EXPECT_EQ(read("f32", "1e39"), "$: 1e+39 is beyond f32");
  EXPECT_THAT(read("f64", "1e999"), HasSubstr("not JSON")) << "no double is as large";
  EXPECT_THAT(read("f64", R"("nan")"), StartsWith("$: expected a number"));
  EXPECT_EQ(read("bool", "1"), "$: expected true or false, found 1");
}

TEST_F(JsonValues, TextIsUnicode) {
  EXPECT_EQ(read("char", R"("ab")"), "$: expected a char: a string with one Unicode scalar value, found \"ab\"");
  EXPECT_THAT(read("char", R"("")"), StartsWith("$: expected a char"));
  EXPECT_EQ(read("char", R"("\ud83d\ude00")"), "'😀'");
  for (const char* wrong : {R"("\ud800")", R"("\udc00x")", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"a\nb\""})
    EXPECT_THAT(read("string", wrong), StartsWith("not JSON: line ")) << wrong;
}

TEST_F(JsonValues, AMistakeNamesItsPlaceAndWhatWouldBeRight) {
  EXPECT_EQ(read(user, R"({"name": 3, "age": 1, "tags": []})"), "$.name: expected a string, found 3");
  EXPECT_EQ(read(user, R"({"name": "a", "age": 1, "tags": ["x", null]})"), "$.tags[1]: expected a string, found null");
  EXPECT_EQ(read(user, R"({"nmae": "a"})"), "$.nmae: there is no such field; did you mean `name`?");
  EXPECT_EQ(read(user, R"({"name": "a", "tags": []})"), "$: the field age is missing: u8");
  EXPECT_EQ(read(user, "[]"), "$: expected an object with name, age, email, tags, found an array");
  EXPECT_EQ(read("variant { point, circle(f64) }", R"("crcle")"),
            "$: there is no case \"crcle\"; did you mean `circle`?");
  EXPECT_EQ(read("variant { point, circle(f64) }", R"("circle")"),
            "$: the case circle has a value: write {\"circle\": f64}");
  EXPECT_EQ(read("variant { point, circle(f64) }", R"({"point": null})"),
            "$: the case point has no value: write \"point\"");
  EXPECT_EQ(read("variant { point, circle(f64) }", R"({"circle": "x"})").substr(0, 9), "$.circle:");
  EXPECT_EQ(read("enum { red, dark-blue }", R"("blue")"), "$: there is no case \"blue\"; one of: red, dark-blue");
  EXPECT_EQ(read("flags { read, write }", R"(["read", "wirte"])"),
            "$[1]: there is no flag \"wirte\"; did you mean `write`?");
  EXPECT_EQ(read("flags { read, write }", R"([1])"), "$[0]: there is no flag 1; one of: read, write");
  EXPECT_EQ(read("result<u32, string>", "1"), "$: expected {\"ok\": value} or {\"err\": value}, found 1");
  EXPECT_EQ(read("result<_, string>", R"({"ok": 1})"), "$.ok: expected null: it has no value, found 1");
  EXPECT_EQ(read("tuple<u8, u8>", "[1]"), "$: expected 2 elements, found 1");
  EXPECT_EQ(read("map<string, u8>", R"({"any text": -1})"), "$[\"any text\"]: expected u8, 0 to 255, found -1");
  EXPECT_THAT(read("string", "[1, {"), StartsWith("not JSON: line 1, column 6: syntax error"));
}

TEST_F(JsonValues, AMapWithAKeyTwiceLosesNothing) {
  const abi::TypeRef map = type("map<string, u8>");
  const auto entry = [](const char* key, std::uint8_t value) {
    return abi::Value(abi::Record{{abi::Value(std::string(key)), abi::Value(value)}});
  };
  const abi::Value twice = abi::List{{entry("a", 1), entry("a", 2)}};
  EXPECT_EQ(to_json(twice, map).value(), R"([["a",1],["a",2]])");
  EXPECT_TRUE(from_json(read_json(R"([["a",1],["a",2]])").value(), map).value() == twice);
}

TEST_F(JsonValues, HostileTextIsRefusedWithinLimits) {
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(read("list<u8>", deep), HasSubstr("nested more than 256 deep"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_THAT(read("list<u8>", objects), HasSubstr("nested more than 256 deep"));
  EXPECT_EQ(read_json("[1, 2]", 5).error().code(), Errc::limit);
  EXPECT_THAT(read(user, R"({"name": "a", "name": "b"})"), HasSubstr("\"name\" stands twice"));
  EXPECT_THAT(read("u8", ""), StartsWith("not JSON"));
  EXPECT_THAT(read("u8", "1 2"), StartsWith("not JSON"));
  EXPECT_THAT(read("u8", "\xef\xbb\xbf"), StartsWith("not JSON"));
  EXPECT_THAT(read("u8", "NaN"), StartsWith("not JSON"));
  const std::string digits(5'000, '9');
  EXPECT_THAT(read("u64", digits), HasSubstr("not JSON"));
  // A long text is not repeated in full.
  EXPECT_LT(read("u8", '"' + std::string(100'000, 'x') + '"').size(), 200u);
  EXPECT_LT(read(user, R"({")" + std::string(100'000, 'x') + R"(": 1})").size(), 300u);
}

TEST_F(JsonValues, FewBytesThatStandForManyValuesAreRefused) {
  std::string wide = "record { ";
  for (int i = 0; i < 1'000; ++i) wide += (i == 0 ? "f" : ", f") + std::to_string(i) + ": option<u8>";
  wide = "list<" + wide + " }>";
  std::string text = "[{}";
  for (int i = 0; i < 9'999; ++i) text += ",{}";
  EXPECT_THAT(read(wide, text + "]"), HasSubstr("take more than 268435456 bytes of memory"));
}

TEST_F(JsonValues, AResultThatIsTooLongIsRefused) {
  const abi::Value many = abi::make_list(type("u32"), std::vector<abi::Value>(1'000, abi::Value(std::uint32_t{1})));
  EXPECT_EQ(to_json(many, type("list<u32>"), Bytes::array, 100).error().code(), Errc::limit);
  EXPECT_TRUE(to_json(many, type("list<u32>"), Bytes::array, 2'001));
}

TEST_F(JsonValues, ArgumentsAreGivenByNameInOrderOrAsTheOneValue) {
  const auto& two = func({{"a", "u32"}, {"b", "option<string>"}});
  EXPECT_EQ(arguments(two, R"([1, "x"])"), "{a: 1, b: some(\"x\")}");
  EXPECT_EQ(arguments(two, R"({"b": "x", "a": 1})"), "{a: 1, b: some(\"x\")}");
  EXPECT_EQ(arguments(two, R"({"a": 1})"), "{a: 1, b: none}");
  EXPECT_EQ(arguments(two, "[1]"), "$: expected 2 arguments, found 1");
  EXPECT_EQ(arguments(two, "{}"), "$: the parameter a is missing: u32");
  EXPECT_EQ(arguments(two, R"({"a": 1, "bb": 2})"), "$.bb: there is no such parameter; did you mean `b`?");
  EXPECT_EQ(arguments(two, R"({"a": "1"})"), "$.a: expected u32, 0 to 4294967295, found \"1\"");
  EXPECT_EQ(arguments(two, "1"),
            "$: expected 2 arguments, as an array or as an object with the parameters' names, found 1");

  const auto& none = func({});
  EXPECT_EQ(arguments(none, "[]"), "{}");
  EXPECT_EQ(arguments(none, "{}"), "{}");
  EXPECT_EQ(arguments(none, R"({"a": 1})"), "$.a: there is no such parameter: it has none");
  EXPECT_THAT(arguments(none, "1"), StartsWith("$: expected 0 arguments"));

  const auto& text = func({{"name", "string"}});
  EXPECT_EQ(arguments(text, R"("x")"), "{name: \"x\"}");
  EXPECT_EQ(arguments(text, R"(["x"])"), "{name: \"x\"}");
  EXPECT_EQ(arguments(text, R"({"name": "x"})"), "{name: \"x\"}");
  EXPECT_EQ(arguments(text, R"({"nam": "x"})"), "$.nam: there is no such parameter; did you mean `name`?");

  const auto& list = func({{"items", "list<u8>"}});
  EXPECT_EQ(arguments(list, "[1, 2]"), "{items: [1, 2]}");
  EXPECT_EQ(arguments(list, R"({"items": [1]})"), "{items: [1]}");
  EXPECT_EQ(arguments(list, R"({"base64": "AQ=="})"), "{items: [1]}");

  const auto& record = func({{"user", user}});
  EXPECT_EQ(arguments(record, R"({"name": "a", "age": 1, "tags": []})"),
            "{user: {name: \"a\", age: 1, email: none, tags: []}}");
  EXPECT_EQ(arguments(record, R"({"user": {"name": 3}})"), "$.user.name: expected a string, found 3");
  EXPECT_EQ(arguments(record, R"({"name": 3})"), "$.user.name: expected a string, found 3");

  const auto& option = func({{"v", "option<u8>"}});
  EXPECT_EQ(arguments(option, "{}"), "{v: none}");
  EXPECT_EQ(arguments(option, "null"), "{v: none}");
}

}  // namespace
}  // namespace weft::call
