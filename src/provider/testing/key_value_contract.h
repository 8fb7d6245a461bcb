// What every key-value backend must do. A backend instantiates the suite with a factory of its stores:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, KeyValueContract, ::testing::Values(KeyValueCase{"memory", make_memory}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "provider/testing/run.h"

namespace weft::provider::testing {

// An empty store and whatever it stands on.
class KeyValueHarness {
 public:
  virtual ~KeyValueHarness() = default;
  virtual KeyValueStore& store() = 0;
};

struct KeyValueCase {
  std::string name;
  std::function<std::unique_ptr<KeyValueHarness>()> make;
};

class KeyValueContract : public ::testing::TestWithParam<KeyValueCase> {
 protected:
  void SetUp() override {
    harness_ = GetParam().make();
    ASSERT_NE(harness_, nullptr);
  }
  KeyValueStore& store() { return harness_->store(); }
  template <class T>
  T run(awaitable<T> work) {
    return testing::run(loop, std::move(work));
  }
  void set(std::string key, std::string_view value) {
    const auto done = run(store().set(std::move(key), bytes(value)));
    ASSERT_TRUE(done) << done.error().message();
  }
  // The value as text, or "(none)".
  std::string get(std::string key);
  std::vector<std::string> all_keys();  // sorted

  Loop loop;

 private:
  std::unique_ptr<KeyValueHarness> harness_;
};

}  // namespace weft::provider::testing
