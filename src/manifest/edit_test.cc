#include "manifest/edit.h"

#include <gtest/gtest.h>

#include "manifest/document.h"

namespace weft::manifest {
namespace {

std::string added(std::string_view text, std::vector<std::string> entries = {"new"}, std::string_view key = "list",
                  std::string_view id = "it") {
  const auto result = add_to_component_list(text, id, key, entries);
  if (!result) return "error: " + result.error().message();
  EXPECT_TRUE(parse_document(*result)) << *result;
  return *result;
}

TEST(Edit, AnElementIsAddedToAListOnOneLine) {
  EXPECT_EQ(added("[component.it]\nlist = [\"a\"] # why\nb = 1\n"),
            "[component.it]\nlist = [\"a\", \"new\"] # why\nb = 1\n");
  EXPECT_EQ(added("[component.it]\nlist = [ 'a', \"b]#\" ]\n"), "[component.it]\nlist = [ 'a', \"b]#\", \"new\" ]\n");
  EXPECT_EQ(added("[component.it]\nlist = [\"a\",]\n"), "[component.it]\nlist = [\"a\", \"new\"]\n");
  EXPECT_EQ(added("[component.it]\nlist=[]\n"), "[component.it]\nlist=[\"new\"]\n");
  EXPECT_EQ(added("[component.it]\nlist = []", {"x", "y"}), "[component.it]\nlist = [\"x\", \"y\"]");
}

TEST(Edit, AListWithOneElementToALineKeepsItsLayoutAndComments) {
  EXPECT_EQ(added("[component.it]\nlist = [\n  \"a\", # the first\n  \"b\" # the last\n]\n"),
            "[component.it]\nlist = [\n  \"a\", # the first\n  \"b\", # the last\n  \"new\"\n]\n");
  EXPECT_EQ(added("[component.it]\nlist = [\n\t\"a\",\n\t# no more\n]\n", {"x", "y"}),
            "[component.it]\nlist = [\n\t\"a\",\n\t\"x\",\n\t\"y\",\n\t# no more\n]\n");
  EXPECT_EQ(added("[component.it]\nlist = [\"a\",\n  \"b\"]\n"), "[component.it]\nlist = [\"a\",\n  \"b\", \"new\"]\n");
  EXPECT_EQ(added("[component.it]\nlist = [\n  # none yet\n]\n"), "[component.it]\nlist = [\"new\"\n  # none yet\n]\n");
}

TEST(Edit, AListThatIsMissingIsMadeWhereTheTablesOwnKeysEnd) {
  EXPECT_EQ(
      added("[component.it]\nsource = \"a.wasm\" # built\n\n# its build\n[component.it.build]\nlist = [\"no\"]\n"),
      "[component.it]\nsource = \"a.wasm\" # built\nlist = [\"new\"]\n\n# its build\n[component.it.build]\n"
      "list = [\"no\"]\n");
  EXPECT_EQ(added("  [component.it]\n  source = \"\"\"\n[component.x]\n\"\"\""),
            "  [component.it]\n  source = \"\"\"\n[component.x]\n\"\"\"\n  list = [\"new\"]");
  EXPECT_EQ(added("[component.it] # empty\n[component.other]\nlist = [1]\n"),
            "[component.it] # empty\nlist = [\"new\"]\n[component.other]\nlist = [1]\n");
}

TEST(Edit, TheTableIsFoundHoweverItsNameIsWritten) {
  EXPECT_EQ(added("[component.other]\na = 1\n[ component . \"it\" ]\na = 1\n"),
            "[component.other]\na = 1\n[ component . \"it\" ]\na = 1\nlist = [\"new\"]\n");
  EXPECT_EQ(added("[[component]]\nid = \"other\"\n[[component]]\nid = \"it\"\n[component.trigger]\nroute = \"/\"\n"),
            "[[component]]\nid = \"other\"\n[[component]]\nid = \"it\"\nlist = [\"new\"]\n[component.trigger]\n"
            "route = \"/\"\n");
}

TEST(Edit, LineEndsOfOtherSystemsAreKept) {
  EXPECT_EQ(added("[component.it]\r\nlist = [\r\n  \"a\"\r\n]\r\n"),
            "[component.it]\r\nlist = [\r\n  \"a\",\r\n  \"new\"\r\n]\r\n");
  EXPECT_EQ(added("[component.it]\r\na = 1\r\n\r\n"), "[component.it]\r\na = 1\r\nlist = [\"new\"]\r\n\r\n");
}

TEST(Edit, AnEntryIsQuotedAsTomlWantsIt) {
  EXPECT_EQ(added("[component.it]\nlist = []\n", {"a\"b\\c"}), "[component.it]\nlist = [\"a\\\"b\\\\c\"]\n");
}

TEST(Edit, WhatCannotBeEditedIsSaidWithWhatToWrite) {
  for (const char* text : {"component.it.source = \"a.wasm\"\n", "[component]\nit = { source = \"a.wasm\" }\n",
                           "[component.it]\nlist = \"a\"\n", "[component.other]\n", ""}) {
    EXPECT_NE(added(text).find("write into it by hand: list = [\"new\"]"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace weft::manifest
