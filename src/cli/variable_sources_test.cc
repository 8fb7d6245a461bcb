#include "cli/variable_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace weft::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class VariableOptionsTest : public testing::Test {
 protected:
  VariableOptionsTest() {
    std::string folder = testing::TempDir() + "options-XXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  ~VariableOptionsTest() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, std::string_view content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return (folder_ / name).string();
  }
  static std::string value_of(const std::vector<std::string>& options, std::string_view name) {
    const auto read = read_variable_options(options);
    if (!read) return "error: " + read.error().message();
    const auto found = read->find(name);
    return found == read->end() ? "none" : found->second.reveal();
  }

  std::filesystem::path folder_;
};

TEST_F(VariableOptionsTest, AValueIsWhatFollowsTheFirstEqualsSign) {
  EXPECT_EQ(value_of({"a=1", "b=x=y", "c="}, "a"), "1");
  EXPECT_EQ(value_of({"a=1", "b=x=y", "c="}, "b"), "x=y");
  EXPECT_EQ(value_of({"a=1", "b=x=y", "c="}, "c"), "");
  EXPECT_EQ(value_of({"a=1", "a=2"}, "a"), "2") << "the last one counts";
}

TEST_F(VariableOptionsTest, FilesHoldOneValueOrMany) {
  EXPECT_EQ(value_of({"a=@" + file("value", "one\ntwo\n")}, "a"), "one\ntwo\n");
  const std::string json = file("v.json", R"({"a": "j", "b_c": "k"})");
  const std::string toml = file("v.toml", "a = \"t\"\nd = '''\nx'''");
  EXPECT_EQ(value_of({"@" + json}, "b_c"), "k");
  EXPECT_EQ(value_of({"@" + json, "@" + toml}, "a"), "t");
  EXPECT_EQ(value_of({"@" + json, "@" + toml}, "d"), "x");
}

TEST_F(VariableOptionsTest, MistakesAreNamedAndNoValueIs) {
  const std::vector<std::pair<std::string, std::string>> mistakes = {
      {"s3cret", "KEY=VALUE"},
      {"=s3cret", "not the name of a variable"},
      {"Upper=s3cret", "\"Upper\" is not the name"},
      {"@" + file("v.yaml", "a: s3cret"), "@FILE.json"},
      {"@" + file("list.json", "[\"s3cret\"]"), "not a JSON object"},
      {"@" + file("cut.json", "{\"a\": \"s3cret"), "not a JSON object"},
      {"@" + file("number.json", "{\"a\": 5}"), "the value of a is not a string"},
      {"@" + file("cut.toml", "a = \"s3cret"), "cut.toml:1"},
      {"@" + file("table.toml", "a = { b = \"s3cret\" }"), "the value of a is not a string"},
      {"@/nowhere/v.json", "/nowhere/v.json"},
      {"a=@/nowhere/value", "/nowhere/value"},
      {"a=@" + file("large", std::string(max_variable_file_bytes + 1, 'x')), "larger than"},
  };
  for (const auto& [option, expected] : mistakes) {
    const std::string got = value_of({option}, "a");
    EXPECT_THAT(got, testing::StartsWith("error: --variable: ")) << option;
    EXPECT_THAT(got, HasSubstr(expected)) << option;
    EXPECT_THAT(got, Not(HasSubstr("s3cret"))) << option;
  }
}

}  // namespace
}  // namespace weft::cli
