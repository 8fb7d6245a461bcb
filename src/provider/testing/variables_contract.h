// What holds for every VariablesProvider. A backend's test instantiates it with how such a provider is made:
//   INSTANTIATE_TEST_SUITE_P(Static, VariablesContract, testing::Values(VariablesBackend{"static", make_static}));
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "provider/variables.h"

namespace weft::provider::testing {

struct VariablesBackend {
  std::string name;
  // A provider with exactly these variables. Values hold what the backend can hold at all: any UTF-8 without NUL.
  std::function<std::shared_ptr<const VariablesProvider>(const std::map<std::string, std::string>& values)> make;

  friend void PrintTo(const VariablesBackend& backend, std::ostream* out) { *out << backend.name; }
};

class VariablesContract : public ::testing::TestWithParam<VariablesBackend> {
 protected:
  static std::string value_of(const VariablesProvider& provider, std::string_view name) {
    const auto got = provider.get(name);
    if (!got) return "error: " + got.error().message();
    return *got ? (*got)->reveal() : "none";
  }
};

TEST_P(VariablesContract, AnswersWithTheValueOfExactlyThatName) {
  const auto provider = GetParam().make({{"user", "ada"}, {"user_name", "ada l"}, {"u", ""}});
  EXPECT_EQ(value_of(*provider, "user"), "ada");
  EXPECT_EQ(value_of(*provider, "user_name"), "ada l");
  EXPECT_EQ(value_of(*provider, "u"), "") << "an empty value is a value";
}

TEST_P(VariablesContract, HasNoValueForOtherNames) {
  const auto provider = GetParam().make({{"user", "ada"}});
  for (const char* name : {"use", "users", "USER", "user_", "", "path", "a b", "user=ada"}) {
    EXPECT_EQ(value_of(*provider, name), "none") << name;
  }
}

TEST_P(VariablesContract, KeepsEveryCharacterOfAValue) {
  const std::map<std::string, std::string> values = {
      {"spaces", "  two before, two after  "},
      {"lines", "one\ntwo\n"},
      {"signs", "a=b#c \"d\" 'e' \\f $g ${h} {{ i }}"},
      {"greek", "\u03b1\u03b2\u03b3"},
      {"large", std::string(60'000, 'x')},
  };
  const auto provider = GetParam().make(values);
  for (const auto& [name, value] : values) EXPECT_EQ(value_of(*provider, name), value) << name;
}

TEST_P(VariablesContract, SaysWhatItIsWithoutItsValues) {
  const auto provider = GetParam().make({{"user", "s3cret-value"}});
  EXPECT_FALSE(provider->describe().empty());
  EXPECT_EQ(provider->describe().find("s3cret"), std::string::npos);
}

TEST_P(VariablesContract, AnswersSeveralThreadsAtOnce) {
  const auto provider = GetParam().make({{"a", "1"}, {"b", "2"}});
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) {
        if (value_of(*provider, "a") != "1" || value_of(*provider, "b") != "2" || value_of(*provider, "c") != "none")
          ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace weft::provider::testing
