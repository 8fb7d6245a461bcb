#include "variables/dotenv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::variables {
namespace {

using testing::HasSubstr;
using testing::Not;

std::optional<std::string> environment(std::string_view name) {
  if (name == "HOME") return "/the/home";
  return std::nullopt;
}

// "A=1|B=2|", or "! the error".
std::string parsed(std::string_view text) {
  const auto entries = parse_dotenv(text, environment);
  if (!entries) return "! " + entries.error().message();
  std::string out;
  for (const auto& [name, value] : *entries) out += name + "=" + value.reveal() + "|";
  return out;
}

TEST(Dotenv, EntriesCommentsAndBlanks) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("# a comment\n\n  A=1\r\n\tB = two  # why\nexport C=3\nexport=4\nD=\n"),
            "A=1|B=two|C=3|export=4|D=|");
  EXPECT_EQ(parsed("A=a#b"), "A=a#b|") << "no comment without a blank before it";
  EXPECT_EQ(parsed("\xef\xbb\xbf"
                   "A=1"),
            "A=1|");
}

TEST(Dotenv, QuotesKeepWhatIsInThem) {
  EXPECT_EQ(parsed("A='$HOME \\n # \"x\"'"), "A=$HOME \\n # \"x\"|");
  EXPECT_EQ(parsed("A=\"two\\nlines \\\" \\\\ \\$ # 'x'\" # why"), "A=two\nlines \" \\ $ # 'x'|");
  EXPECT_EQ(parsed("A='one\ntwo'\nB=\"three\nfour\""), "A=one\ntwo|B=three\nfour|");
  EXPECT_EQ(parsed("A='a'b\"c\"\\ d"), "A=abc d|");
}

TEST(Dotenv, NamesAreReplacedByTheEnvironmentOrByEarlierEntries) {
  EXPECT_EQ(parsed("A=x\nB=${A}y$A\nC=\"$HOME/z\"\nD=$missing!\nA=again\nE=$A"),
            "A=x|B=xyx|C=/the/home/z|D=!|A=again|E=again|");
}

TEST(Dotenv, WhatIsMalformedIsNamedByItsLineAndNotQuoted) {
  for (const char* text : {"A=1\ns3cret", "A=1\n=s3cret", "A=1\nB='s3cret", "A=1\nB=\"s3cret", "A=1\nB=s3cret two",
                           "A=1\nB=s3cret\\q", "A=1\nB=${s3cret", "A=1\nB=${s3\ncret}", "A=1\nB=s3cret\\"}) {
    EXPECT_THAT(parsed(text), testing::StartsWith("! line 2: ")) << text;
    EXPECT_THAT(parsed(text), Not(HasSubstr("s3cret"))) << text;
  }
}

TEST(Dotenv, AValueDoesNotGrowWithoutLimit) {
  std::string text = "A=" + std::string(1000, 'x') + "\n";
  for (char c = 'B'; c < 'Z'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    text += std::string(1, c) + "=";
    for (int i = 0; i < 10; ++i) text += "$" + before + ".";
    text += "\n";
  }
  EXPECT_THAT(parsed(text), HasSubstr("too long"));
  EXPECT_EQ(parse_dotenv(std::string(max_dotenv_bytes + 1, '\n'), environment).error().code(), Errc::limit);
}

}  // namespace
}  // namespace weft::variables
