#include "http/fields.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

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

TEST(Fields, AListHasATokenInAnyCaseAndNothingElse) {
  EXPECT_TRUE(lists_token("a, Close ,b", "close"));
  EXPECT_TRUE(lists_token("close", "close"));
  EXPECT_FALSE(lists_token("closed, xclose", "close"));
  EXPECT_FALSE(lists_token("", "close"));
  EXPECT_FALSE(lists_token(",,", "close"));
}

TEST(Fields, NamesAreTokensAndValuesHaveNoControls) {
  EXPECT_TRUE(is_token("X-a_1!"));
  for (std::string_view text : {"", "a b", "a:", "a\n", "\xc3\xa4", "(a)"}) EXPECT_FALSE(is_token(text)) << text;
  EXPECT_TRUE(is_field_value(""));
  EXPECT_TRUE(is_field_value("a \t b \xff"));
  for (std::string_view text : {" a", "a ", "\ta", "a\r", "a\nb", "a\x7f", "a\x01"}) EXPECT_FALSE(is_field_value(text));
}

}  // namespace
}  // namespace weft::http
