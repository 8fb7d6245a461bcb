#include "http/fields.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

Fields some_fields() {
  Fields fields;
  fields.append("Accept", "a");
  fields.append("cookie", "1");
  fields.append("ACCEPT", "b");
  return fields;
}

TEST(Fields, NamesAreFoundWhateverTheirCaseAndKeptAsTheyWere) {
  Fields fields;
  fields.append("X-One", "1");
  fields.append("x-one", "2");
  fields.append("other", "3");
  EXPECT_EQ(fields.get("X-ONE"), "1");
  EXPECT_EQ(fields.get_all("x-One"), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(fields[0].name, "X-One");
  EXPECT_EQ(fields[1].name, "x-one");
  EXPECT_EQ(fields.bytes(), 5u + 1 + 5 + 1 + 5 + 1);
}

TEST(Fields, FindsNamesInAnyCase) {
  const Fields fields = some_fields();
  EXPECT_EQ(fields.get("aCCept"), "a");
  EXPECT_EQ(fields.get_all("accept"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_TRUE(fields.has("COOKIE"));
  EXPECT_FALSE(fields.has("cookies"));
  EXPECT_EQ(fields.get(""), std::nullopt);
}

TEST(Fields, RemovesAllOfAName) {
  Fields fields = some_fields();
  EXPECT_EQ(fields.remove("accept"), 2u);
  EXPECT_EQ(fields.remove("accept"), 0u);
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].name, "cookie");
  EXPECT_EQ(fields.bytes(), 7u);
}

TEST(Fields, RemovesByACondition) {
  Fields fields = some_fields();
  EXPECT_EQ(fields.remove_if([](std::string_view name) { return name.starts_with('c'); }), 1u);
  EXPECT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields.get("accept"), "a");
}

TEST(Fields, IsEmptyAfterClear) {
  Fields fields = some_fields();
  fields.clear();
  EXPECT_TRUE(fields.empty());
  EXPECT_EQ(fields.bytes(), 0u);
  fields.append("x", "");
  EXPECT_EQ(fields.get("X"), "");
}

TEST(Fields, AValueMayBeMadeOfParts) {
  Fields fields;
  fields.append("a", "1");
  fields.append("url", {"http", "://", "", "host/"});
  fields.append("b", "2");
  EXPECT_EQ(fields.get("url"), "http://host/");
  EXPECT_EQ(fields.get("b"), "2");
  EXPECT_EQ(fields.bytes(), 19u);
  fields.remove("url");
  EXPECT_EQ(fields.bytes(), 4u);
}

TEST(Fields, SetReplacesAllValuesEvenByItsOwn) {
  Fields fields;
  fields.append("a", "1");
  fields.append("b", "2");
  fields.append("A", "3");
  fields.set(fields[2].name, fields[0].value);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].name, "b");
  EXPECT_EQ(fields[1].name, "A");
  EXPECT_EQ(fields[1].value, "1");
}

TEST(Fields, WhatIsRemovedDoesNotStayForEver) {
  Fields fields;
  fields.append("kept", "value");
  const std::string large(10'000, 'x');
  for (int i = 0; i < 1000; ++i) fields.set("a", large);
  EXPECT_LT(fields.kept_bytes(), 40'000u);
  EXPECT_EQ(fields.get("kept"), "value");
  EXPECT_EQ(fields.get("a"), large);
  EXPECT_EQ(fields.remove("A"), 1u);
  EXPECT_EQ(fields.bytes(), 9u);
}

TEST(FieldSyntax, ATokenIsWhatRfc9110Says) {
  for (const char* good : {"a", "Content-Type", "!#$%&'*+-.^_`|~09azAZ"}) EXPECT_TRUE(is_token(good)) << good;
  for (const char* bad : {"", "a b", "a:", "a\t", "(a)", "a,b", "a/b", "a=b", "a\"b", "caf\xc3\xa9", "a\r", "\x7f"}) {
    EXPECT_FALSE(is_token(bad)) << bad;
  }
  EXPECT_FALSE(is_token(std::string_view("a\0b", 3)));
}

TEST(FieldSyntax, AValueHasNoControlCharactersAndNoSpaceAround) {
  for (const char* good : {"", "a", "a b", "a\tb", "caf\xc3\xa9", "\xff", "a: b, c=\"d\""}) {
    EXPECT_TRUE(is_field_value(good)) << good;
  }
  for (const char* bad : {" a", "a ", "\ta", "a\t", "a\rb", "a\nb", "a\x01", "a\x7f", " "}) {
    EXPECT_FALSE(is_field_value(bad)) << bad;
  }
  for (int c = 0; c < 256; ++c) {
    const std::string text = std::string("a") + static_cast<char>(c) + "b";
    EXPECT_EQ(is_field_value(text), (c >= 0x20 && c != 0x7f) || c == '\t') << c;
  }
}

TEST(FieldSyntax, AListHasTokensInAnyCaseWithSpaceAround) {
  EXPECT_TRUE(lists_token("close", "close"));
  EXPECT_TRUE(lists_token("keep-alive , \tCLOSE", "close"));
  EXPECT_TRUE(lists_token(",,close,", "close"));
  EXPECT_FALSE(lists_token("", "close"));
  EXPECT_FALSE(lists_token("closed, not-close", "close"));
}

TEST(FieldSyntax, ALineIsANameAColonAndAValueWithoutTheSpaceAroundIt) {
  const auto field = parse_field_line("X-One: \t a:b \t");
  ASSERT_TRUE(field);
  EXPECT_EQ(field->name, "X-One");
  EXPECT_EQ(field->value, "a:b");
  EXPECT_EQ(parse_field_line("a:")->value, "");
  for (const char* bad : {"", "a", ":", ": b", "a : b", " a: b", "\ta: b", "a b: c", "a: b\r", "a: \x01", "a\r: b"}) {
    EXPECT_FALSE(parse_field_line(bad)) << bad;
  }
}

TEST(FieldSyntax, ALengthHasDigitsOnlyAndFits64Bits) {
  EXPECT_EQ(parse_length("0"), 0u);
  EXPECT_EQ(parse_length("0042"), 42u);
  EXPECT_EQ(parse_length("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1,1", "1e3", "18446744073709551616", "one"}) {
    EXPECT_EQ(parse_length(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace weft::http
