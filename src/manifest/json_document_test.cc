#include "manifest/json_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace weft::manifest {
namespace {

using testing::HasSubstr;

TEST(Json, EveryValueKnowsItsPlace) {
  const auto root = parse_json(
      "{\n  \"a\": [1, \"x\\\"y\\\\\", true,\n    -2.5e3, false],\n  \"\\u00fc\": {\"n\": null, \"e\": \"\"}\n}\n");
  ASSERT_TRUE(root) << root.error().message;
  const auto& list = *root->find("a")->value.get<Value::Array>();
  ASSERT_EQ(list.size(), 5u);
  EXPECT_EQ(root->find("a")->at, (Location{.line = 2, .column = 3}));
  EXPECT_EQ(root->find("a")->value.at, (Location{.line = 2, .column = 8}));
  EXPECT_EQ(list[0].at, (Location{.line = 2, .column = 9}));
  EXPECT_EQ(list[1].at, (Location{.line = 2, .column = 12}));
  EXPECT_EQ(*list[1].get<std::string>(), "x\"y\\");
  EXPECT_EQ(list[2].at, (Location{.line = 2, .column = 22}));
  EXPECT_EQ(list[3].at, (Location{.line = 3, .column = 5}));
  EXPECT_EQ(list[4].at, (Location{.line = 3, .column = 13}));
  EXPECT_EQ(path_at(*root, {.line = 3, .column = 5}), "a[3]");
  const Value& inner = root->find("ü")->value;
  EXPECT_EQ(inner.find("n"), nullptr);
  EXPECT_EQ(inner.find("e")->value.at, (Location{.line = 4, .column = 30}));
  EXPECT_EQ(path_at(*root, {.line = 9, .column = 9}), "");
}

std::string fault(std::string_view text) {
  const auto root = parse_json(text);
  if (root) return "parsed";
  return std::to_string(root.error().at.line) + ":" + std::to_string(root.error().at.column) + ": " +
         root.error().message;
}

TEST(Json, WhatIsRefusedIsNamedWithItsPlace) {
  EXPECT_EQ(fault("{\"a\": 1, \"b\": 2, \"a\": 3}"), "1:18: the name `a` stands twice");
  EXPECT_EQ(fault("[1,\n null]"), "2:2: null stands where a value must be");
  EXPECT_EQ(fault("null"), "1:1: null stands where a value must be");
  EXPECT_EQ(fault("[18446744073709551615]"), "1:2: the number is too large");
  EXPECT_EQ(fault(std::string(max_json_nesting, '[') + std::string(max_json_nesting, ']')), "parsed");
  EXPECT_EQ(fault(std::string(max_json_nesting + 1, '[')), "1:41: more than 40 objects and arrays in each other");
  for (const char* text : {"", "{", "[1,]", "{\"a\" 1}", "\"\\x\"", "{} {}", "\"\xff\""})
    EXPECT_NE(fault(text), "parsed") << text;
  EXPECT_THAT(fault("[\n  tru\n]"), HasSubstr("2:"));
}

TEST(Json, SoManyValuesAndNoMore) {
  std::string list = "[0";
  for (std::size_t i = 1; i < max_json_values - 1; ++i) list += ",0";
  EXPECT_EQ(fault(list + "]"), "parsed");
  EXPECT_THAT(fault(list + ",0]"), HasSubstr("more than 1000000 values"));
}

}  // namespace
}  // namespace weft::manifest
