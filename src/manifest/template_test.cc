#include "manifest/template.h"

#include <gtest/gtest.h>

namespace weft::manifest {
namespace {

Result<std::string> expand(std::string_view text) {
  TRY(const Template parsed, Template::parse(text));
  return parsed.expand([](std::string_view name) -> Result<std::string> {
    if (name == "host") return std::string("example.com");
    if (name == "braces") return std::string("{{ host }}");
    return fail(Errc::not_found, "no variable " + std::string(name));
  });
}

TEST(Template, ReplacesNamesAndKeepsTheRest) {
  EXPECT_EQ(expand("").value(), "");
  EXPECT_EQ(expand("plain }} { text }").value(), "plain }} { text }");
  EXPECT_EQ(expand("https://{{ host }}:443").value(), "https://example.com:443");
  EXPECT_EQ(expand("{{host}}{{\thost }}").value(), "example.comexample.com");
}

TEST(Template, DoesNotExpandAValueAgain) {
  EXPECT_EQ(expand("{{ braces }}").value(), "{{ host }}");
}

TEST(Template, RefusesWhatIsNotAnExpression) {
  for (const char* text : {"{{ host", "{{ }}", "{{ Host }}", "{{ a-b }}", "{{ a__b }}", "{{ a_ }}", "{{ 1a }}",
                           "{{ host {{ host }}", "{{ a | upper }}"}) {
    auto parsed = Template::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Errc::invalid) << text;
  }
}

TEST(Template, ReturnsTheErrorOfTheLookup) {
  EXPECT_EQ(expand("{{ host }}{{ other }}").error().message(), "no variable other");
}

TEST(Template, ListsItsVariablesInOrder) {
  const auto parsed = Template::parse("{{ b }}-{{ a }}-{{ b }}").value();
  EXPECT_EQ(parsed.variables(), (std::vector<std::string_view>{"b", "a", "b"}));
  EXPECT_FALSE(parsed.is_literal());
  EXPECT_TRUE(Template::parse("text").value().is_literal());
}

TEST(Template, ALiteralIsNeverExpanded) {
  const Template literal = Template::literal("{{ host }}");
  EXPECT_TRUE(literal.is_literal());
  EXPECT_EQ(literal.expand([](std::string_view) { return fail(Errc::internal, ""); }).value(), "{{ host }}");
}

TEST(Template, StopsAtTheLimitOfTheResult) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "{{ big }}";
  const auto result = Template::parse(text).value().expand(
      [](std::string_view) { return Result<std::string>(std::string(max_expanded_bytes / 16, 'x')); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::limit);
}

}  // namespace
}  // namespace weft::manifest
