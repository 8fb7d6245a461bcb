#include "manifest/diagnostic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::manifest {
namespace {

Diagnostic example() {
  return {.severity = Severity::error,
          .file = "spin.toml",
          .line = 12,
          .column = 3,
          .key = "component.hello.files[2]",
          .message = "there is no file `a`",
          .remedy = "put it there\nor correct the name",
          .source_line = "  \"a\","};
}

TEST(Diagnostic, IsPrintedAsACompilerDoes) {
  EXPECT_EQ(format(example()),
            "spin.toml:12:3: error: component.hello.files[2]: there is no file `a`\n"
            " 12 |   \"a\",\n"
            "    |   ^\n"
            "    = help: put it there\n"
            "            or correct the name\n");
}

TEST(Diagnostic, WithoutAPlaceOrRemedyPrintsOneLine) {
  Diagnostic d = example();
  d.severity = Severity::warning;
  d.line = d.column = 0;
  d.key = d.remedy = d.source_line = "";
  EXPECT_EQ(format(d), "spin.toml: warning: there is no file `a`\n");
}

TEST(Diagnostic, ControlCharactersDoNotReachTheTerminal) {
  Diagnostic d = example();
  d.file = d.key = d.message = d.remedy = d.source_line = "\x1b[2J\x07\x7f\t\r";
  const std::string text = format(d);
  EXPECT_EQ(text.find_first_of("\x1b\x07\x7f\t\r"), std::string::npos);
}

TEST(Diagnostic, LongLinesAreCutAtACharacter) {
  Diagnostic d = example();
  d.source_line.clear();
  for (int i = 0; i < 1000; ++i) d.source_line += "\xe2\x82\xac";
  d.column = 2000;
  const std::string text = format(d);
  EXPECT_LT(text.size(), 500u);
  EXPECT_THAT(text, testing::HasSubstr("\xe2\x82\xac...\n"));
}

TEST(Diagnostic, ColourIsOnlyAddedOnRequest) {
  EXPECT_THAT(format(example(), Colour::always), testing::HasSubstr("\x1b[1;31merror:\x1b[0m"));
}

TEST(Diagnostic, AListEndsWithItsCount) {
  Diagnostic warning = example();
  warning.severity = Severity::warning;
  EXPECT_EQ(format_all({}), "");
  EXPECT_TRUE(format_all(std::vector{example(), example(), warning}).ends_with("\n2 errors, 1 warning\n"));
  EXPECT_TRUE(format_all(std::vector{warning}).ends_with("\n1 warning\n"));
  EXPECT_FALSE(has_errors(std::vector{warning}));
  EXPECT_TRUE(has_errors(std::vector{warning, example()}));
}

}  // namespace
}  // namespace weft::manifest
