#include "manifest/glob.h"

#include <gtest/gtest.h>

namespace weft::manifest {
namespace {

struct Case {
  const char* pattern;
  const char* path;
  bool matches;
};

TEST(Glob, MatchesPathsByComponents) {
  constexpr Case cases[] = {
      {"a.txt", "a.txt", true},
      {"a.txt", "b/a.txt", false},
      {"*", "a", true},
      {"*", "a/b", false},
      {"*", ".hidden", true},
      {"*.txt", "a.txt", true},
      {"*.txt", ".txt", true},
      {"*.txt", "a.txt.bak", false},
      {"a*c*e", "abcde", true},
      {"a*c*e", "abde", false},
      {"?.txt", "a.txt", true},
      {"?.txt", "ab.txt", false},
      {"a?b", "a/b", false},
      {"[a-c].txt", "b.txt", true},
      {"[a-c].txt", "d.txt", false},
      {"[!a-c].txt", "d.txt", true},
      {"[!a-c].txt", "a.txt", false},
      {"[]x]", "]", true},
      {"a[!x]b", "a/b", false},
      {"[a-]", "-", true},
      {"**/*.js", "a.js", true},
      {"**/*.js", "x/y/a.js", true},
      {"**/*.js", "x/y/a.ts", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "ab", false},
      {"a/**/b", "a/xb", false},
      {"a/**", "a/b/c", true},
      {"a/**", "b/a/c", false},
      {"**", "any/thing", true},
      {"a/*/c", "a/b/c", true},
      {"a/*/c", "a/b/b/c", false},
      {"**/a/**/b", "x/a/y/z/b", true},
      {"**/a/**/b", "x/a/y/z/c", false},
      {"", "", true},
      {"", "a", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Glob::parse(c.pattern).value().matches(c.path), c.matches) << c.pattern << " " << c.path;
  }
}

TEST(Glob, WildcardsOfExcludesCrossDirectories) {
  const Glob glob = Glob::parse("assets/*.md", Glob::Separators::matched).value();
  EXPECT_TRUE(glob.matches("assets/docs/a.md"));
  EXPECT_FALSE(glob.matches("other/a.md"));
}

TEST(Glob, RefusesMalformedPatterns) {
  for (const char* pattern : {"[a", "a**", "**a", "a/b**/c", "***", "[]", "[!"}) {
    EXPECT_FALSE(Glob::parse(pattern)) << pattern;
  }
  EXPECT_EQ(Glob::parse(std::string(max_glob_bytes + 1, 'a')).error().code(), Errc::limit);
}

TEST(Glob, KnowsWhereASearchStartsAndHowDeepItGoes) {
  EXPECT_EQ(Glob::parse("a/b/*.txt").value().literal_prefix(), "a/b");
  EXPECT_EQ(Glob::parse("*.txt").value().literal_prefix(), "");
  EXPECT_EQ(Glob::parse("a/b*/c").value().literal_prefix(), "a");
  EXPECT_EQ(Glob::parse("a/b*/c").value().depth(), 3u);
  EXPECT_EQ(Glob::parse("a/**/c").value().depth(), 0u);
}

// Backtracking matchers need time exponential in the number of stars here.
TEST(Glob, ManyStarsTakeNoExtraordinaryTime) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  pattern += "b";
  EXPECT_FALSE(Glob::parse(pattern).value().matches(std::string(2000, 'a')));
}

}  // namespace
}  // namespace weft::manifest
