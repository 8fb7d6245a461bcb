#include "manifest/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/load.h"

namespace weft::manifest {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Document, KeepsOrderTypesAndPlaces) {
  const Value root = parse_document("z = 'text'\na = 1\n[t]\nd = 2026-01-02\nf = 1.5\n  b = [true, {}]\n").value();
  const auto& members = *root.get<Value::Table>();
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].name, "z");
  EXPECT_EQ(members[1].name, "a");
  EXPECT_EQ(members[0].value.at, (Location{1, 5}));
  const Value& table = members[2].value;
  EXPECT_EQ(table.find("d")->value.get<Datetime>()->text, "2026-01-02");
  EXPECT_EQ(*table.find("f")->value.get<double>(), 1.5);
  EXPECT_EQ(table.find("b")->at, (Location{6, 3}));
  const auto& array = *table.find("b")->value.get<Value::Array>();
  EXPECT_EQ(array[0].kind_name(), "a boolean");
  EXPECT_EQ(array[1].kind_name(), "a table");
  EXPECT_EQ(table.find("none"), nullptr);
  EXPECT_EQ(array[0].find("none"), nullptr);
}

TEST(Document, ASyntaxErrorHasItsLine) {
  for (const auto& [text, line] : {std::pair("a = ", 1u),
                                   {"a = 1\nb = 'x\n", 2u},
                                   {"a = 1\na = 2\n", 2u},
                                   {"\n\n[x\n", 3u},
                                   {"a = 1\n\n[[[b]]]\nc = 2\n", 3u},
                                   {"[[[", 1u},
                                   {"a = 1\nb = \"\xff\"\n", 2u},
                                   {"a = \"\"\"\nx\n", 2u}}) {
    const auto result = parse_document(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().at.line, line) << text << ": " << result.error().message;
    EXPECT_FALSE(result.error().message.empty());
  }
}

TEST(Document, LettersBeyondAsciiAreFineInStringsAndAnErrorInKeys) {
  for (const char* letter : {"\xc3\xa9", "\xc7\xa8", "\xd2\x99", "\xe2\x82\xac", "\xf0\x9f\x99\x82"}) {
    const std::string text = std::string("a = \"\"\"x \\\n") + letter + "\"\"\" # " + letter;
    const auto valid = parse_document(text);
    ASSERT_TRUE(valid) << valid.error().message;
    EXPECT_EQ(*valid->find("a")->value.get<std::string>(), std::string("x ") + letter);
    const auto invalid = parse_document("a = 1\nb" + std::string(letter) + " = 2\n");
    ASSERT_FALSE(invalid);
    EXPECT_EQ(invalid.error().at.line, 2u);
  }
}

TEST(Document, NestingIsBoundedBeforeTheParserSeesIt) {
  const std::string hostile[] = {repeated("a.", 200'000) + "a = 1",
                                 "[" + repeated("a.", 200'000) + "a]",
                                 "[[" + repeated("\"a\" . ", 100'000) + "a]]",
                                 "x = { " + repeated("'a'.", 100'000) + "a = 1 }",
                                 "x = " + repeated("[", 300'000),
                                 "x = " + repeated("{a=", 200'000),
                                 "x = \"" + std::string("\\\"") + "\"\n" + repeated("a.", 200'000) + "a = 1"};
  for (const std::string& text : hostile) {
    const auto result = parse_document(text);
    ASSERT_FALSE(result) << text.substr(0, 20);
    EXPECT_GT(result.error().at.line, 0u);
  }
  EXPECT_TRUE(parse_document(repeated("a.", max_nesting - 1) + "a = 1"));
}

TEST(Document, DotsInStringsAndCommentsAreNotNesting) {
  const std::string dots = repeated("a.", 100);
  EXPECT_TRUE(parse_document("a = \"" + dots + "\" # " + dots));
  EXPECT_TRUE(parse_document("a = '" + dots + "'"));
  EXPECT_TRUE(parse_document("a = \"\"\"\n" + dots + " \\\" \"\" \n" + dots + "\"\"\"\"\"\nb = 1.5"));
  EXPECT_TRUE(parse_document("a = '''\n" + dots + "\\'''\nb = [" + repeated("1.5, ", 100) + "]"));
}

TEST(Document, TheNumberOfKeysIsBounded) {
  std::string text;
  for (std::size_t i = 0; i <= max_keys; ++i) text += "k" + std::to_string(i) + "=1\n";
  const auto result = parse_document(text);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, testing::HasSubstr("more than 50000 keys"));
}

}  // namespace
}  // namespace weft::manifest
